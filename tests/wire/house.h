// A whole Punkt for one file: its node on a free port, the two servers that it calls, and the people who call it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/node.h"
#include "testing/raw_server.h"
#include "testing/raw_socket.h"
#include "testing/scratch_folder.h"
#include "tests/wire/expectation.h"
#include "tests/wire/memory.h"

namespace punkt::wire {

/// Two ports that nobody listens on now.
std::uint16_t free_port();

class House {
  public:
    static constexpr const char* master_key = "the-master-key-of-the-wire-tests";

    /// `settings`: names of the configuration and their values; private targets are allowed and retries take
    /// milliseconds unless they say otherwise. Errors: those of the configuration and of Node::create.
    static Result<std::unique_ptr<House>> create(const std::vector<std::pair<std::string, std::string>>& settings);
    ~House();

    /// Sends `message` as `caller` ("alice", "bob", "master", "first_key", "none") and waits for the answer. Host,
    /// Content-Length and, for a body, Content-Type are added unless the message has them; `{{absent}}` keeps one away.
    Message call(const Message& message, std::string_view caller, std::uint16_t port = 0);

    /// "/hook answers 503 then 200 with retry-after: 1 with body {…} then hangs"; `elsewhere`: on another origin.
    Result<void> script_receiver(const std::string& line, bool elsewhere);
    /// The next request to `path` that was not taken yet; waits for it. Nothing when none comes.
    std::optional<Message> take_received(const std::string& path);
    std::size_t received_count(const std::string& path) const;

    const app::Node& node() const { return *node_; }
    Memory& memory() { return memory_; }
    const Clock& clock() const { return clock_; }
    std::string data_folder() const { return folder_.path(); }

  private:
    House() = default;
    /// Alice and Bob, each with an organization.
    Result<void> make_cast();
    std::vector<testing::RawServer::Seen> received(const std::string& path) const;
    /// What the signatures of a request by `name`'s organization must be.
    void remember_signatures(const std::string& name, const Message& request);

    testing::ScratchFolder folder_;
    testing::RawServer receiver_, elsewhere_;
    std::unique_ptr<app::Node> node_;
    Memory memory_;
    SystemClock clock_;
    std::map<std::string, std::size_t> taken_;
};

/// Asks until `done` answers true, at most ten seconds. False: it never did.
bool until(const std::function<bool()>& done);

/// A header's value, "" when absent.
std::string header(const Message& message, std::string_view name);

}  // namespace punkt::wire

// An HTTP client for tests that answers one call at a time, and a resolver that knows only what it is told.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "net/resolver.h"

namespace punkt::testing {

/// Answers at once with what was said; can also stay silent. Threads: any.
class FakeResolver final : public net::Resolver {
  public:
    /// What a FakeResolver knows; the test keeps it, the client owns the resolver.
    struct Names {
        /// The lookups of `host` get these lists one after the other; the last one stays. An empty list: no address.
        void say(const std::string& host, std::vector<std::vector<std::string>> answers);
        /// Lookups of `host` are never answered.
        void hang(const std::string& host);
        int lookups(const std::string& host) const;

        mutable std::mutex mutex;
        std::map<std::string, std::vector<std::vector<std::string>>> answers;
        std::map<std::string, int> asked;
    };

    explicit FakeResolver(std::shared_ptr<Names> names) : names_(std::move(names)) {}
    void resolve(std::string host, Done done) override;

  private:
    std::shared_ptr<Names> names_;
    std::vector<Done> hanging_;
};

/// Collects answers by ticket. Threads: any.
class AnswerBox final : public net::AnswerSink {
  public:
    void answered(std::vector<Answer> answers) override;
    /// Waits up to ten seconds, then an answer with ticket 0.
    Answer take(std::uint64_t ticket);
    std::size_t count() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, Answer> answers_;
    std::size_t count_ = 0;
};

class ClientHouse {
  public:
    /// Private targets are allowed unless `options` say otherwise.
    explicit ClientHouse(net::ClientOptions options = open_options());
    static net::ClientOptions open_options();

    Answer call(Request request);
    Answer get(const std::string& url);
    /// Starts it; take the answer from `box` by the ticket that comes back.
    std::uint64_t start(Request request);

    AnswerBox box;
    std::shared_ptr<FakeResolver::Names> names = std::make_shared<FakeResolver::Names>();
    std::unique_ptr<net::HttpClient> client;

  private:
    std::uint64_t next_ticket_ = 0;
};

}  // namespace punkt::testing

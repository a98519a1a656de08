// An HTTP target for tests that does exactly what its script says, however wrong. On a thread of its own, loopback
// only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace punkt::testing {

/// What the server does after it read a request, step by step; then it waits for the next request.
class Script {
  public:
    struct Step {
        enum class Kind { send, flood, wait, hang, close, reset } kind;
        std::string bytes = {};
        std::chrono::milliseconds time{};
    };

    Script() = default;
    /// A whole, correct response.
    static Script answer(int status, const std::string& body = {}, const std::string& extra_header_lines = {});

    Script send(std::string bytes) && { return std::move(*this).add({Step::Kind::send, std::move(bytes)}); }
    Script wait(std::chrono::milliseconds time) && { return std::move(*this).add({Step::Kind::wait, {}, time}); }
    /// One byte, then a pause, and so on.
    Script dribble(const std::string& bytes, std::chrono::milliseconds pause) &&;
    /// Again and again until the peer has enough.
    Script flood(std::string bytes) && { return std::move(*this).add({Step::Kind::flood, std::move(bytes)}); }
    /// Says nothing until the peer closes.
    Script hang() && { return std::move(*this).add({Step::Kind::hang}); }
    Script close() && { return std::move(*this).add({Step::Kind::close}); }
    Script reset() && { return std::move(*this).add({Step::Kind::reset}); }

    const std::vector<Step>& steps() const { return steps_; }

  private:
    Script add(Step step) && {
        steps_.push_back(std::move(step));
        return std::move(*this);
    }
    std::vector<Step> steps_;
};

/// Threads: any; the scripts run on the server's own.
class RawServer {
  public:
    struct Seen {
        std::string method, target, head, body;  // head: request line and headers with the empty line
        int connection = 0;                      // 1 for the first accepted
    };

    /// Listens on a free port of `address`, "127.0.0.1" or "::1".
    explicit RawServer(const std::string& address = "127.0.0.1");
    ~RawServer();

    std::uint16_t port() const;
    /// "http://127.0.0.1:4711/path"
    std::string url(const std::string& path) const;
    /// For requests to `path` (without query): each one takes the next script, the last one stays. Others get a 404.
    void on(const std::string& path, Script script) { on(path, std::vector<Script>{std::move(script)}); }
    void on(const std::string& path, std::vector<Script> scripts);
    /// Runs when a connection is accepted, before any request.
    void greet(Script script);

    std::vector<Seen> seen() const;
    int connections() const;
    /// Whole responses or floods: bytes that were sent to anyone.
    std::uint64_t bytes_sent() const;
    /// Waits until `count` connections were closed by the peer, or five seconds.
    bool wait_for_closed(int count) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::testing

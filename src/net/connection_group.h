// The server's connections of one io thread: each a coroutine that reads requests and writes answers, all under one
// coarse look at their deadlines.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http_server.h"

namespace punkt::net {

/// What all threads of a server count. Threads: any.
struct ServerCounters {
    std::atomic<std::uint64_t> requests = 0, connections = 0, refused = 0;
    std::atomic<int> open = 0;
    std::atomic<std::size_t> bodies_bytes = 0;  // received of requests that are not answered yet
    std::mutex mutex;
    std::condition_variable all_closed;  // open became 0
};

/// Threads: one, that of the connections; it must outlive the io_context they run on.
class ConnectionGroup {
  public:
    ConnectionGroup(const ServerOptions& options, const HttpHandler& handler, ServerCounters& counters);
    ~ConnectionGroup();

    class Connection;

    /// Serves `socket`, an accepted TCP connection of family `protocol` (AF_INET or AF_INET6), and owns it from now on.
    void open(asio::io_context& context, int socket, int protocol, std::string peer);
    /// Ends what is past its deadline; renews the clock that deadlines and the date header go by.
    void sweep();
    /// How often sweep() must be called for deadlines to be met within a quarter.
    Milliseconds sweep_interval() const;
    /// Idle connections end now, the others after their answer.
    void begin_stopping();

  private:
    friend class Connection;
    void add(Connection& connection);
    void remove(Connection& connection);

    const ServerOptions& options_;
    const HttpHandler& handler_;
    ServerCounters& counters_;
    SystemClock clock_;
    Microseconds now_{};  // steady, of the last sweep
    std::string date_;
    std::int64_t date_second_ = 0;
    bool is_stopping_ = false;
    std::vector<Connection*> connections_;
};

}  // namespace punkt::net

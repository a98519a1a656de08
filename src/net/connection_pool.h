// The connections of one io thread: which are idle, and who waits for one. Inside net only.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/url.h"
#include "net/client_connection.h"
#include "net/deadline_wheel.h"
#include "net/ring_link.h"

namespace punkt::net {

struct PoolLimits {
    std::size_t per_host_max = 2'000;  // connections to one scheme, host and port
    std::size_t total_max = 10'000;
    Microseconds idle_max{30'000'000};
};

/// Threads: one, that of the io_context.
class ConnectionPool {
  public:
    struct Pooled;
    /// One origin: scheme, host and port.
    struct Host {
        RingLink line;                              // of Waiting, first come first served
        std::vector<std::unique_ptr<Pooled>> idle;  // the last one was used last
        std::size_t open = 0;                       // idle and lent
        bool starving = false;                      // waits for the total to sink
        TlsTicket ticket;                           // to resume TLS with
        std::optional<Address> preferred;           // the address that worked last
    };
    /// A connection, and what the pool knows of it.
    struct Pooled : RingLink {
        Pooled(asio::io_context& context, Host& owner) : connection(context), host(owner) {}
        ClientConnection connection;
        Host& host;
        Microseconds idle_since{};
    };
    /// A connection on loan; it must be given back. Null: none.
    using Lease = std::unique_ptr<Pooled>;
    using Waiting = Place<Lease>;

    ConnectionPool(asio::io_context& context, PoolLimits limits, DeadlineWheel& wheel);
    ~ConnectionPool();

    /// Good until the next wait for something else: hosts that nobody uses are forgotten.
    Host& host(const Url& url);
    Lease take_idle(Host& host);
    /// An idle connection (unless `fresh`) or a new one, not connected yet. Null when none may be opened or others
    /// wait: wait().
    Lease take(Host& host, bool fresh);
    void wait(Host& host, Waiting& place);
    /// `reusable`: the connection is at the start of the next request.
    void give_back(Lease lease, bool reusable);

    /// Idle and lent. Threads: any.
    std::size_t open() const { return open_.load(std::memory_order_relaxed); }

  private:
    struct Origin {
        bool https;
        std::uint16_t port;
        std::string_view host;
        bool operator==(const Origin&) const = default;
    };
    struct OriginHash {
        std::size_t operator()(const Origin& origin) const {
            return std::hash<std::string_view>()(origin.host) ^ (std::size_t{origin.port} << 1 | origin.https);
        }
    };
    /// Owns the name that its own key points to.
    struct Entry {
        std::string name;
        Host host;
    };
    struct Reaper final : Deadline {
        explicit Reaper(ConnectionPool& owner) : pool(owner) {}
        void passed() override { pool.reap(); }
        ConnectionPool& pool;
    };

    bool make_room(Host& host, bool fresh);
    Lease open_new(Host& host);
    void serve(Host& host);
    void drop_idle(Pooled& pooled);
    void reap();
    void forget_unused();

    asio::io_context& context_;
    PoolLimits limits_;
    DeadlineWheel& wheel_;
    std::unordered_map<Origin, std::unique_ptr<Entry>, OriginHash> hosts_;
    RingLink idle_;  // of Pooled, of all hosts, the longest idle first
    std::deque<Host*> starving_;
    std::atomic<std::size_t> open_ = 0;  // written by one thread
    Reaper reaper_{*this};
};

}  // namespace punkt::net

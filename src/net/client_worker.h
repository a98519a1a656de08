// One io thread of the HTTP client: carries out attempts, each a coroutine. Inside net only.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/async.h"
#include "net/address_book.h"
#include "net/attempt.h"
#include "net/connection_pool.h"
#include "net/deadline_wheel.h"
#include "net/http_client.h"
#include "net/tls_session.h"

namespace punkt::net {

/// What all workers count. Threads: any.
struct ClientCounters {
    std::atomic<std::uint64_t> sent = 0, connected = 0, reused = 0;
    std::atomic<std::uint64_t> in_flight = 0;  // not handed to the sink yet
    std::mutex mutex;
    std::condition_variable all_answered;  // in_flight became 0
};

/// What all workers share; it outlives them.
struct ClientShared {
    const ClientOptions& options;
    const TlsContext& tls;
    Resolver& resolver;
    AnswerSink& sink;
    ClientCounters& counters;
};

class ClientWorker {
  public:
    explicit ClientWorker(ClientShared shared);
    /// Everything must have been answered: cancel() and wait for in_flight to become 0.
    ~ClientWorker();

    /// One wake-up for all that arrives before the thread gets to it. Threads: any.
    void send(std::vector<Request> requests);
    /// Answers what is out with `cancelled`, now and from now on. Threads: any.
    void cancel();

    /// Idle and busy connections. Threads: any.
    std::uint64_t open() const { return pool_.open(); }

  private:
    using Lease = ConnectionPool::Lease;

    void take_arrivals();
    void tick();
    Async<void> run(std::unique_ptr<Attempt> attempt);
    /// True when a redirect, or a second try, makes another hop.
    Async<bool> hop(Attempt& attempt);
    /// Null when attempt.answer says why not, or when it is stopped.
    Async<Lease> new_connection(Attempt& attempt);
    Async<Found> find_addresses(Attempt& attempt);
    Async<bool> connect(Attempt& attempt, ConnectionPool::Pooled& pooled, std::vector<Address> addresses);
    Async<bool> secure(Attempt& attempt, ConnectionPool::Pooled& pooled);
    /// Takes over a whole response; true when it makes another hop.
    bool judge(Attempt& attempt, ResponseReader& reader);
    void finish(Attempt& attempt);
    static Microseconds now() { return SystemClock().elapsed(); }

    ClientShared shared_;
    asio::io_context context_{1};
    asio::executor_work_guard<Executor> work_{context_.get_executor()};
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer_{context_};
    DeadlineWheel wheel_;
    AddressBook book_;
    ConnectionPool pool_;
    bool cancelled_ = false;
    bool ticking_ = false;
    std::vector<Answer> answers_;

    std::mutex mutex_;
    struct Arrived {
        std::vector<Request> requests;
        Microseconds at;
    };
    std::vector<Arrived> arrivals_;  // under mutex_
    std::thread thread_;
};

}  // namespace punkt::net

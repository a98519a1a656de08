// Threads for SQL that reads: handlers wait for them without blocking their io thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/async.h"
#include "base/function.h"
#include "base/result.h"
#include "db/connection.h"

namespace punkt::api {

/// Each thread owns a read connection. Threads: read() on io threads, many at once.
class Readers {
  public:
    /// At most this many reads wait; more are refused, so that a slow disk cannot fill the memory.
    static constexpr std::size_t waiting_max = 10'000;

    /// Errors: those of opening a connection.
    static Result<std::unique_ptr<Readers>> create(const db::Location& location, int threads);
    ~Readers();

    /// Runs `work(db::Connection&) -> Result<T>` on a reader thread.
    /// Errors: those of `work`; `unavailable` when too many wait or Punkt is stopping.
    template <class T, class Work>
    Async<Result<T>> read(Work work) {
        co_return co_await wait_for<Result<T>>(
            [this, work = std::move(work)](UniqueFunction<void(Result<T>)> done) mutable {
                auto shared = std::make_shared<UniqueFunction<void(Result<T>)>>(std::move(done));
                const bool queued = submit([work = std::move(work), shared](db::Connection& connection) mutable {
                    (*shared)(work(connection));
                });
                if (!queued) (*shared)(Error{ErrorKind::unavailable, "Server is busy, please retry"});
            });
    }

    /// Ends the threads; what still waits is done first.
    void stop();

  private:
    using Job = UniqueFunction<void(db::Connection&)>;
    explicit Readers(std::vector<db::Connection> connections);
    bool submit(Job job);
    void run(db::Connection& connection);

    std::vector<db::Connection> connections_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace punkt::api

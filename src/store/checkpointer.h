// Copies the write-ahead log into the database file on a thread of its own, so that commits do not wait for it, and
// tells the writer when the log can begin anew.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "db/connection.h"

namespace punkt::store {

/// Under constant load a passive checkpoint never reaches the end of the log, which then grows for ever (418 MB in 4 s
/// were measured). So: passive ones here; when the log is long and nearly all of it is copied, the writer copies the
/// rest between two transactions and starts it anew.
class Checkpointer {
  public:
    struct Options {
        std::int64_t step_pages = 1'000;           // copied when that many are new
        std::int64_t log_pages_max = 16 * 1'024;   // 64 MB: from here on the log is begun anew when the rest is short
        std::int64_t rest_pages_max = 1'000;       // a short rest
        std::int64_t log_pages_hard = 64 * 1'024;  // 256 MB: from here on it is begun anew whatever the rest
    };

    /// `fatal` is called, on the checkpointer's thread, when the storage failed.
    Checkpointer(db::Connection connection, Options options, std::function<void(const Error&)> fatal);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// After each commit. True when the writer shall now begin the log anew and call restarted(). At the hard limit it
    /// waits for a pass that is under way. Threads: the writer's.
    bool committed(std::int64_t log_pages);
    /// Waits for a pass that is under way; no other one begins before restarted(). Threads: the writer's.
    void pause();
    /// The log was begun anew, or could not be because a reader still needs it. Threads: the writer's.
    void restarted(bool success);

    /// In the log now. Threads: any.
    std::int64_t log_pages() const {
        const std::lock_guard lock(mutex_);
        return log_pages_;
    }

  private:
    void begun_anew();
    void run();

    db::Connection connection_;
    Options options_;
    std::function<void(const Error&)> fatal_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::int64_t log_pages_ = 0;
    std::int64_t copied_pages_ = 0;
    std::uint64_t log_number_ = 0;   // what a checkpoint says about an earlier log is of no use
    std::int64_t next_restart_ = 0;  // not tried again before the log has this many pages
    std::condition_variable idle_;
    bool work_ = false;
    bool copying_ = false;
    bool paused_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace punkt::store

#include "store/checkpointer.h"

#include "base/log.h"
#include "base/thread_name.h"

namespace punkt::store {

Checkpointer::Checkpointer(db::Connection connection, Options options, std::function<void(const Error&)> fatal)
    : connection_(std::move(connection)), options_(options), fatal_(std::move(fatal)) {
    thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Checkpointer::committed(std::int64_t log_pages) {
    std::unique_lock lock(mutex_);
    if (log_pages < log_pages_) begun_anew();  // everything had been copied, and SQLite did it by itself
    log_pages_ = log_pages;
    const std::int64_t rest = log_pages - copied_pages_;
    work_ = work_ || rest >= options_.step_pages;
    const bool must = log_pages >= options_.log_pages_hard;
    const bool wants =
        log_pages >= options_.log_pages_max && log_pages >= next_restart_ && (must || rest <= options_.rest_pages_max);
    paused_ = wants;  // only one of the two can copy: no new pass is begun until the writer had its turn
    if (work_ && !paused_) wake_.notify_one();
    if (!wants) return false;
    if (must) idle_.wait(lock, [this] { return !copying_; });
    return !copying_;
}

void Checkpointer::pause() {
    std::unique_lock lock(mutex_);
    paused_ = true;
    idle_.wait(lock, [this] { return !copying_; });
}

void Checkpointer::restarted(bool success) {
    const std::lock_guard lock(mutex_);
    paused_ = false;
    wake_.notify_one();
    if (success) {
        begun_anew();
        log_pages_ = 0;
    } else {
        next_restart_ = log_pages_ + options_.step_pages;
    }
}

void Checkpointer::begun_anew() {
    ++log_number_;
    copied_pages_ = 0;
    next_restart_ = 0;
}

void Checkpointer::run() {
    name_this_thread("checkpoints");
    bool warned = false;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return (work_ && !paused_) || stopping_; });
        if (stopping_) return;
        work_ = false;
        copying_ = true;
        const std::uint64_t log_number = log_number_;
        lock.unlock();
        auto done = connection_.checkpoint(db::CheckpointMode::passive);
        if (!done && db::is_fatal(done.error()))
            fatal_(done.error());
        else if (!done && done.error().kind != ErrorKind::unavailable && !warned)  // that: the writer is at it itself
            log::warn("the log cannot be copied: {}", done.error().message);
        warned = !done && (warned || done.error().kind != ErrorKind::unavailable);
        lock.lock();
        copying_ = false;
        idle_.notify_one();
        if (done && log_number == log_number_) copied_pages_ = done->copied_pages;
    }
}

}  // namespace punkt::store

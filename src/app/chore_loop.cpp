#include "app/chore_loop.h"

#include <algorithm>

#include "base/thread_name.h"

namespace punkt::app {
namespace {

/// Between two units of a chore that has more to do: others get the disk meanwhile.
constexpr Microseconds breath{10'000};
constexpr Microseconds idle_max{std::chrono::minutes(1)};

}  // namespace

void ChoreLoop::add(Chore chore) {
    const Microseconds due = clock_.elapsed() + chore.every;
    chores_.push_back({.chore = std::move(chore), .due = due});
}

Microseconds ChoreLoop::run_due() {
    Microseconds next = clock_.elapsed() + idle_max;
    for (auto& [chore, due] : chores_) {
        if (due <= clock_.elapsed()) {
            const bool has_more = chore.work();
            due = clock_.elapsed() + (has_more ? breath : Microseconds(chore.every));
        }
        next = std::min(next, due);
    }
    return next;
}

void ChoreLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void ChoreLoop::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ChoreLoop::run() {
    name_this_thread("chores");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const Microseconds next = run_due();
        lock.lock();
        changed_.wait_for(lock, std::max(next - clock_.elapsed(), Microseconds{0}), [this] { return stopping_; });
    }
}

}  // namespace punkt::app

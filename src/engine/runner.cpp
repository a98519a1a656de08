#include "engine/runner.h"

#include <utility>

#include "base/thread_name.h"
#include "engine/engine.h"

namespace punkt::engine {

Runner::~Runner() { stop(); }

void Runner::start() {
    thread_ = std::thread([this] { run(); });
}

void Runner::wake() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(woken_, true)) return;
    }
    changed_.notify_one();
}

void Runner::run() {
    name_this_thread("engine");
    while (true) {
        bool draining = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) break;
            woken_ = false;
            draining = draining_;
        }
        if (draining) engine_.stop_starting();
        engine_.tick();
        const Milliseconds idle = engine_.idle_for();
        std::unique_lock lock(mutex_);
        if (draining && engine_.is_drained()) {
            drained_ = true;
            changed_.notify_all();
        }
        if (idle > Milliseconds{0}) changed_.wait_for(lock, idle, [this] { return woken_ || stopping_; });
    }
    engine_.tick();  // what was answered last is still recorded
}

bool Runner::drain(Milliseconds grace) {
    std::unique_lock lock(mutex_);
    draining_ = true;
    woken_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, grace, [this] { return drained_; });
}

void Runner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace punkt::engine

#include "engine/near_future.h"

#include <algorithm>

#include "base/log.h"

namespace punkt::engine {
namespace {

// The next hour is read this long before it begins: enough for a slow disk, little enough to keep memory small.
constexpr std::chrono::minutes look_ahead_time{5};
constexpr std::chrono::seconds load_retry{1};

}  // namespace

NearFuture::NearFuture(Timestamp now, store::EngineStore& store) : store_(store), timers_(now) {}

void NearFuture::look_ahead(Timestamp now, Microseconds elapsed) {
    const store::Hour wanted = store::hour_of(now + look_ahead_time) + 1;
    if (wanted > asked_until_) {
        loads_.push_back({.from = asked_until_, .until = wanted});
        asked_until_ = wanted;
        store_.load_timers(loads_.back().from, wanted);
    }
    for (Load& load : loads_) {
        if (!load.again_at || *load.again_at > elapsed) continue;
        load.again_at.reset();
        store_.load_timers(load.from, load.until);
    }
}

void NearFuture::note(const Timer& timer) {
    const store::Hour hour = store::hour_of(timer.due);
    for (Load& load : loads_)
        if (hour >= load.from && hour < load.until) load.seen.insert(timer.id);
}

bool NearFuture::add(const Timer& timer) {
    if (!is_near(timer.due)) return false;
    note(timer);
    timers_.add(timer);
    return true;
}

void NearFuture::removed(const Timer& timer) { note(timer); }

void NearFuture::loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers, Microseconds elapsed,
                        std::vector<Timer>& fresh) {
    const auto load = std::find_if(loads_.begin(), loads_.end(),
                                   [&](const Load& one) { return one.from == from && one.until == until; });
    if (load == loads_.end()) return;
    if (!timers) {
        log::error("timers of the next hours could not be read, trying again: {}", timers.error().message);
        load->again_at = elapsed + load_retry;
        return;
    }
    for (const Timer& timer : *timers) {
        if (load->seen.contains(timer.id)) continue;
        // A later retry that holds something back: known now, in memory when its hour comes.
        if (store::hour_of(timer.due) < until) timers_.add(timer);
        fresh.push_back(timer);
    }
    loads_.erase(load);
    is_complete_ = true;
}

}  // namespace punkt::engine

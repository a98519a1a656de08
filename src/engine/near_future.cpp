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

void NearFuture::loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers, Microseconds elapsed) {
    const auto load = std::find_if(loads_.begin(), loads_.end(),
                                   [&](const Load& one) { return one.from == from && one.until == until; });
    if (load == loads_.end()) return;
    if (!timers) {
        log::warn("timers of the next hours could not be read, trying again: {}", timers.error().message);
        load->again_at = elapsed + load_retry;
        return;
    }
    std::reverse(timers->begin(), timers->end());
    load->timers = std::move(*timers);
}

std::vector<Timer> NearFuture::sort_in(std::size_t most) {
    std::vector<Timer> fresh;
    for (auto load = loads_.begin(); load != loads_.end() && most > 0;) {
        if (!load->timers) {
            ++load;
            continue;
        }
        for (auto& timers = *load->timers; !timers.empty() && most > 0; timers.pop_back(), --most)
            if (!load->removed.contains(timers.back().id) && add(timers.back()) != Added::known)
                fresh.push_back(timers.back());
        if (load->timers->empty()) load = loads_.erase(load);
    }
    return fresh;
}

bool NearFuture::has_loaded() const {
    return std::any_of(loads_.begin(), loads_.end(), [](const Load& load) { return load.timers.has_value(); });
}

bool NearFuture::knows(Timestamp now) const {
    return is_near(now) && std::none_of(loads_.begin(), loads_.end(),
                                        [now](const Load& load) { return load.from <= store::hour_of(now); });
}

NearFuture::Added NearFuture::add(const Timer& timer) {
    if (!is_near(timer.due)) return Added::far;
    const auto [found, is_new] = entries_.try_emplace(timer.id, Entry{timer});
    if (!is_new) {
        Entry& entry = found->second;
        if (entry.state == State::started || entry.timer == timer) return Added::known;
        entry = {timer};
    }
    timers_.add({timer.due, timer.id, timer.organization});
    return Added::fresh;
}

void NearFuture::removed(const Timer& timer) {
    for (Load& load : loads_) load.removed.insert(timer.id);
    const auto found = entries_.find(timer.id);
    if (found != entries_.end() && found->second.timer.due == timer.due) entries_.erase(found);
}

void NearFuture::advance(Timestamp now, std::vector<Id>& tasks_soon) {
    std::vector<Id> soon;
    timers_.advance(now, soon);
    for (const Id id : soon) {
        const auto found = entries_.find(id);
        if (found != entries_.end()) tasks_soon.push_back(found->second.timer.task);
    }
}

std::optional<Timer> NearFuture::take_due(Timestamp now) {
    while (const auto due = timers_.take_due(now)) {
        const auto found = entries_.find(due->id);
        if (found == entries_.end()) continue;
        Entry& entry = found->second;
        if (entry.timer.due != due->at || entry.state != State::waiting) continue;
        entry.state = State::handed_out;
        return entry.timer;
    }
    return std::nullopt;
}

bool NearFuture::is_current(const Timer& timer) const {
    const auto found = entries_.find(timer.id);
    return found != entries_.end() && found->second.state != State::started && found->second.timer == timer;
}

void NearFuture::started(const Timer& timer) { entries_.at(timer.id).state = State::started; }

bool NearFuture::is_started(Id id) const {
    const auto found = entries_.find(id);
    return found != entries_.end() && found->second.state == State::started;
}

bool NearFuture::is_beat_at_work(Id task, Timestamp now) const {
    const auto found = entries_.find(task);  // a beat has the id of its task
    if (found == entries_.end() || found->second.timer.kind != Timer::Kind::beat) return false;
    return found->second.state != State::waiting || found->second.timer.due <= now;
}

bool NearFuture::is_started(const Timer& timer) const {
    return is_started(timer.id) && entries_.at(timer.id).timer.due == timer.due;
}

}  // namespace punkt::engine

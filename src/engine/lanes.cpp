#include "engine/lanes.h"

#include <algorithm>
#include <utility>

namespace punkt::engine {

// ---- coming and going ------------------------------------------------------------------------------------------

Lanes::LaneState& Lanes::lane(const Timer& timer) {
    const auto [found, is_new] = lanes_.try_emplace(timer.lane);
    if (is_new) {
        found->second.organization = timer.organization;
        found->second.settings = directory_.lane(timer.organization, timer.lane);
    }
    return found->second;
}

Lanes::LaneState* Lanes::find_lane(Lane id) {
    const auto found = lanes_.find(id);
    return found == lanes_.end() ? nullptr : &found->second;
}

void Lanes::begin(Timestamp now, Microseconds elapsed, int room) {
    now_ = now;
    elapsed_ = elapsed;
    turns_.begin(now, room);
    for (; !wakes_.empty() && wakes_.top().at <= elapsed; wakes_.pop()) {
        const Scope scope = wakes_.top().scope;
        (lanes_.contains(scope) ? changed_ : opened_).push_back(scope);
    }
}

std::optional<Microseconds> Lanes::next_wake() const {
    return wakes_.empty() ? std::nullopt : std::optional(wakes_.top().at);
}

void Lanes::add(const Timer& timer) {
    ++waiting_;
    if (timer.lane == 0) return turns_.add(timer);
    LaneState& state = lane(timer);
    // A holder's retry can be due even before its attempt is confirmed.
    (state.holders.contains(timer.first) ? state.due_holders : state.waiting).push(timer);
    changed_.push_back(timer.lane);
}

void Lanes::block(const Timer& run) {
    if (run.lane == 0) return;
    LaneState& state = lane(run);
    if (state.is_serial()) state.holders[run.first] = {run.id, run.due};
    forget_if_idle(run.lane);
}

void Lanes::retry_waits(const Timer& run) {
    if (run.lane != 0 && on_failure(run) == OnFailure::block) block(run);
}

OnFailure Lanes::on_failure(const Timer& timer) {
    if (timer.lane == 0) return OnFailure::block;
    const LaneState* state = find_lane(timer.lane);
    return state ? state->settings.on_failure : directory_.lane(timer.organization, timer.lane).on_failure;
}

std::optional<Timer> Lanes::next() {
    settle();
    auto timer = turns_.next();
    if (timer) --waiting_;
    return timer;
}

void Lanes::finished(const Timer& timer, bool retry_follows) { over(timer, true, retry_follows); }

void Lanes::dropped(const Timer& timer) { over(timer, false, false); }

void Lanes::over(const Timer& timer, bool started, bool retry_follows) {
    turns_.ended(timer.organization);
    if (!keys_.is_empty()) opened(keys_.release(timer.id, started));
    if (timer.lane == 0) return;
    LaneState& state = lane(timer);
    give_place_back(state, timer, started);
    if (!retry_follows || state.settings.on_failure != OnFailure::block) state.holders.erase(timer.first);
}

void Lanes::set_aside(const Timer& timer) {
    ++waiting_;
    turns_.ended(timer.organization);
    if (!keys_.is_empty()) opened(keys_.release(timer.id, false));
    if (timer.lane == 0) return;
    LaneState& state = lane(timer);
    if (!state.is_serial()) give_place_back(state, timer, false);
}

void Lanes::rejoin(const Timer& timer) {
    if (timer.lane == 0) return turns_.add(timer);
    LaneState& state = lane(timer);
    if (state.out.contains(timer.id)) return turns_.add(timer);
    state.waiting.push(timer);
    changed_.push_back(timer.lane);
}

void Lanes::reserve(LaneState& state, Id run) {
    ++state.out[run].reserved;
    ++state.used;
    ++state.reserved;
}

/// `started`: the copy that did; what expired never did.
void Lanes::give_place_back(LaneState& state, const Timer& timer, bool started) {
    changed_.push_back(timer.lane);
    const auto place = state.out.find(timer.id);
    if (place == state.out.end()) return;
    Copies& copies = place->second;
    if (started && copies.started > 0) {
        --copies.started;
    } else if (copies.reserved > 0) {
        --copies.reserved;
        --state.reserved;
    } else {
        return;
    }
    --state.used;
    if (copies.started + copies.reserved == 0) state.out.erase(place);
}

void Lanes::unblock(const Timer& run) {
    LaneState* state = find_lane(run.lane);
    if (!state) return;
    unpark_from_lane(run);
    state->holders.erase(run.first);
    changed_.push_back(run.lane);
}

void Lanes::forget_if_idle(Lane lane) {
    const LaneState& state = lanes_.at(lane);
    if (state.out.empty() && state.holders.empty() && state.waiting.empty() && state.due_holders.empty() &&
        state.keyed.classes.empty())
        lanes_.erase(lane);
}

/// In steady time: however the wall clock moved since, an age is at least nothing.
void Lanes::remember_starts(Timestamp now, Microseconds elapsed) {
    if (!notes_) return;
    constexpr Milliseconds rounding{1};
    for (const store::RateStart& start : notes_->noted())
        if (start.until + rounding > now)
            rates_.remember(start.scope, elapsed - std::max(now - start.at - rounding, Milliseconds{0}),
                            start.until - start.at);
}

void Lanes::note_start(Scope scope, const Rate& rate) {
    if (notes_) notes_->note({.scope = scope, .at = now_, .until = now_ + rate.period});
}

void Lanes::took(const Timer& timer, Microseconds time) {
    const auto smooth = [time](Microseconds& mean) { mean = mean == Microseconds{0} ? time : (mean * 7 + time) / 8; };
    smooth(took_);
    if (timer.lane == 0) return;
    if (LaneState* state = find_lane(timer.lane)) smooth(state->took);
}

void Lanes::settings_changed(const SettingsChanged& changed) {
    if (changed.lane == 0) turns_.settings_changed(changed.organization);
    if (changed.lane == 0 && changed.organization != 0) return;
    for (auto& [id, state] : lanes_) {
        if (changed.lane != 0 && id != changed.lane) continue;
        const bool was_serial = state.is_serial();
        state.settings = directory_.lane(state.organization, id);
        if (was_serial != state.is_serial()) back_to_lane(state, id);
        changed_.push_back(id);
    }
}

/// The lane has another order now: who waits for a key or as a holder waits like all others.
void Lanes::back_to_lane(LaneState& state, Lane id) {
    if (!state.is_serial()) state.holders.clear();
    while (!state.due_holders.empty()) state.waiting.push(state.due_holders.take());
    std::vector<Class*> here;
    for (auto& [name, one] : classes_)
        if (one->lane == id && !one->has_lane) here.push_back(one.get());
    for (Class* one : here) {
        while (!one->runs.empty()) state.waiting.push(one->runs.take());
        forget_if_empty(*one);
    }
}

}  // namespace punkt::engine

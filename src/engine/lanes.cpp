#include "engine/lanes.h"

#include <algorithm>
#include <utility>

#include "engine/admission.h"

namespace punkt::engine {

Lanes::LaneState& Lanes::lane(const Timer& timer) {
    const auto [found, is_new] = lanes_.try_emplace(timer.lane);
    if (is_new) {
        found->second.organization = timer.organization;
        found->second.concurrency = std::max(1, directory_.lane(timer.organization, timer.lane).concurrency);
    }
    return found->second;
}

void Lanes::settings_changed(Lane lane) {
    for (auto& [id, state] : lanes_) {
        if (lane != 0 && id != lane) continue;
        state.concurrency = std::max(1, directory_.lane(state.organization, id).concurrency);
        changed_.push_back(id);
    }
}

void Lanes::make_ready(const Timer& timer) {
    Organization& organization = organizations_[timer.organization];
    organization.ready.push(timer);
    if (!std::exchange(organization.has_turn, true)) turns_.push_back(timer.organization);
}

void Lanes::hand_out(LaneState& state, const Timer& timer) {
    ++state.out;
    make_ready(timer);
}

void Lanes::let_through(LaneState& state) {
    while (!holding(Gate::concurrency, {.lane = {.slots = {state.out, state.concurrency}}})) {
        Waiting& from = state.due_holders.empty() ? state.waiting : state.due_holders;
        if (from.empty() || (&from == &state.waiting && !state.holders.empty())) return;
        const Timer timer = from.top();
        from.pop();
        if (state.concurrency == 1) state.holders.insert(timer.first);
        hand_out(state, timer);
    }
}

void Lanes::settle() {
    for (const Lane lane : std::exchange(changed_, {})) {
        const auto found = lanes_.find(lane);
        if (found == lanes_.end()) continue;
        let_through(found->second);
        forget_if_idle(lane);
    }
}

void Lanes::add(const Timer& timer) {
    ++waiting_;
    if (timer.lane == 0) return make_ready(timer);
    LaneState& state = lane(timer);
    // A holder's retry can be due even before its attempt is confirmed.
    (state.holders.contains(timer.first) ? state.due_holders : state.waiting).push(timer);
    changed_.push_back(timer.lane);
}

void Lanes::block(const Timer& run) {
    if (run.lane == 0) return;
    LaneState& state = lane(run);
    if (state.concurrency == 1) state.holders.insert(run.first);
    forget_if_idle(run.lane);
}

std::optional<Timer> Lanes::next() {
    settle();
    if (turns_.empty()) return std::nullopt;
    const Id id = turns_.front();
    turns_.pop_front();
    Organization& organization = organizations_[id];
    const Timer timer = organization.ready.top();
    organization.ready.pop();
    --waiting_;
    if (organization.ready.empty())
        organizations_.erase(id);
    else
        turns_.push_back(id);
    return timer;
}

void Lanes::finished(const Timer& timer, bool retry_follows) {
    if (timer.lane == 0) return;
    LaneState& state = lane(timer);
    --state.out;
    if (!retry_follows) state.holders.erase(timer.first);
    changed_.push_back(timer.lane);
}

void Lanes::unblock(const Timer& run) {
    const auto found = lanes_.find(run.lane);
    if (found == lanes_.end()) return;
    found->second.holders.erase(run.first);
    changed_.push_back(run.lane);
}

void Lanes::forget_if_idle(Lane lane) {
    const LaneState& state = lanes_.at(lane);
    if (state.out == 0 && state.holders.empty() && state.waiting.empty() && state.due_holders.empty())
        lanes_.erase(lane);
}

}  // namespace punkt::engine

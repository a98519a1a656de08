// Lanes: who may go on, and where the others stand until they may.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/lanes.h"

namespace punkt::engine {
namespace {

Scope scope_named(const Demands& demands, std::string_view key) {
    for (std::size_t i = 0; i < demands.limits.size(); ++i)
        if (demands.limits[i].key == key) return demands.scopes[i];
    return 0;
}

std::string class_name(Lane lane, bool has_lane, const Demands& demands) {
    std::string name = fmt::format("{}{}", lane, has_lane ? '!' : ':');
    for (std::size_t i = 0; i < demands.limits.size(); ++i) {
        const auto& [key, concurrency, rate] = demands.limits[i];
        name += fmt::format("{}/{}", demands.scopes[i], concurrency);
        if (rate) name += fmt::format("/{}/{}/{}", rate->count, rate->period.count(), rate->burst);
        name += ' ';
    }
    return name;
}

}  // namespace

// ---- who may go --------------------------------------------------------------------------------------------------

/// What `run`, which has no slot of the lane yet, meets at its lane.
Situation Lanes::at_lane(const LaneState& state, Lane id, const Timer& run) const {
    Situation situation{.now = now_, .due = now_, .is_paused = state.settings.is_paused};
    if (state.is_serial() && !state.holders.empty() && !state.holders.contains(run.first))
        situation.ahead = state.holders.begin()->second.execution;
    situation.lane.slots = {.used = state.used, .limit = std::max(1, state.settings.concurrency)};
    if (state.settings.rate)
        situation.lane.wait =
            std::chrono::ceil<Milliseconds>(rates_.wait(id, *state.settings.rate, elapsed_, state.reserved));
    return situation;
}

void Lanes::settle() {
    while (!changed_.empty() || !opened_.empty()) {
        for (const Lane id : std::exchange(changed_, {})) {
            if (LaneState* state = find_lane(id)) {
                let_through(*state, id);
                forget_if_idle(id);
            }
        }
        for (const Scope scope : std::exchange(opened_, {})) let_through_key(scope);
    }
}

void Lanes::let_through(LaneState& state, Lane id) {
    while (true) {
        Waiting& from = state.due_holders.empty() ? state.waiting : state.due_holders;
        const bool is_holder = &from == &state.due_holders;
        Class* one = state.keyed.classes.empty() ? nullptr : state.keyed.classes.begin()->second;
        if (one && !from.empty() && (is_holder || rank_of(from.top()) < one->placed)) one = nullptr;
        if (!one && from.empty()) return;
        const Timer& head = one ? one->runs.top() : from.top();
        Situation situation = at_lane(state, id, head);
        if (is_holder) situation.ahead = 0;  // also one that was withdrawn meanwhile: it must come out to be dropped
        std::vector<Turnstile> keys;
        if (one) {
            keys = keys_.look(*one->demands, elapsed_);
            situation.keys = keys;
        }
        const auto held = first_holding(situation);
        if (!held && one) {
            hand_out(*one);
        } else if (!held) {
            hand_out(state, from.take());
        } else if (held->gate == Gate::key_limits) {
            const Scope scope = scope_named(*one->demands, held->name);
            stand(*one, &places_[scope]);
            wake(places_[scope], scope, *held);
        } else {
            return wake(state.keyed, id, *held);
        }
    }
}

void Lanes::hand_out(LaneState& state, const Timer& timer) {
    reserve(state, timer.id);
    if (state.is_serial()) state.holders[timer.first] = {timer.id, timer.due};
    turns_.add(timer);
}

/// The first of the class takes its places.
void Lanes::hand_out(Class& one) {
    const Timer timer = one.runs.take();
    keys_.take(timer.id, one.demands, false, elapsed_);
    LaneState* state = one.lane == 0 ? nullptr : &lane(timer);
    if (!state) {
        turns_.add(timer);
    } else if (one.has_lane) {
        with_lane_.erase(timer.id);
        give_place_back(*state, timer, true);  // as one that waited inside
        reserve(*state, timer.id);
        turns_.add(timer);
    } else {
        hand_out(*state, timer);
    }
    if (!one.runs.empty()) return stand(one, one.at);
    forget_if_empty(one);
}

void Lanes::let_through_key(Scope scope) {
    const auto found = places_.find(scope);
    if (found == places_.end()) return;
    Place& place = found->second;
    while (!place.classes.empty()) {
        Class& one = *place.classes.begin()->second;
        const Timer head = one.runs.top();
        LaneState* state = one.lane == 0 ? nullptr : &lane(head);
        Situation situation{.now = now_, .due = now_};
        if (state) situation = at_lane(*state, one.lane, head);
        if (one.has_lane) situation.ahead = 0, situation.lane.slots = {};
        const auto keys = keys_.look(*one.demands, elapsed_);
        situation.keys = keys;
        const auto held = first_holding(situation);
        if (!held) {
            hand_out(one);
        } else if (held->gate == Gate::key_limits) {
            const Scope by = scope_named(*one.demands, held->name);
            if (by != scope) stand(one, &places_[by]);
            wake(places_[by], by, *held);
            if (by == scope) return;
        } else if (one.has_lane) {
            unpark_from_lane(head);
        } else {
            stand(one, &state->keyed);
            wake(state->keyed, one.lane, *held);
        }
    }
    places_.erase(scope);
}

bool Lanes::admit(const Timer& timer, const Task& task) {
    if (timer.lane == 0 && task.key_limits.empty()) return true;
    LaneState* state = timer.lane == 0 ? nullptr : &lane(timer);
    Situation situation{.now = now_, .due = now_};
    if (state) {
        const auto place = state->out.find(timer.id);
        if (place != state->out.end() && place->second.reserved > 0) {
            --place->second.reserved;
            ++place->second.started;
            --state->reserved;
        }
        situation = at_lane(*state, timer.lane, timer);
        situation.lane.slots = {};  // it has its slot
    }
    // What was kept for it is judged like any other: its task may have been edited, a rate may have been used up.
    const DemandsPtr kept = keys_.is_empty() ? nullptr : keys_.release(timer.id, false);
    const DemandsPtr demands =
        kept && kept->limits == task.key_limits ? kept : demands_of(timer.organization, task.key_limits);
    std::vector<Turnstile> keys;
    if (demands) keys = keys_.look(*demands, elapsed_);
    situation.keys = keys;
    if (const auto held = first_holding(situation)) {
        put_back(timer, *held, demands);
        if (kept) opened(kept);
        return false;
    }
    if (demands) keys_.take(timer.id, demands, true, elapsed_);
    for (std::size_t i = 0; demands && i < demands->scopes.size(); ++i)
        if (demands->limits[i].rate) note_start(demands->scopes[i], *demands->limits[i].rate);
    if (kept && kept != demands) opened(kept);
    if (!state) return true;
    if (state->settings.rate) {
        rates_.started(timer.lane, *state->settings.rate, elapsed_);
        note_start(timer.lane, *state->settings.rate);
        changed_.push_back(timer.lane);
    }
    return true;
}

// ---- waiting -------------------------------------------------------------------------------------------------------

void Lanes::put_back(const Timer& timer, const Holding& held, const DemandsPtr& demands) {
    ++waiting_;
    turns_.ended(timer.organization);
    LaneState* state = timer.lane == 0 ? nullptr : &lane(timer);
    const bool serial = state && state->is_serial();
    if (held.gate == Gate::key_limits) {
        // The head of a serial lane keeps it; elsewhere who waits for a key is in nobody's way.
        if (state && !serial) give_place_back(*state, timer, true);
        const Scope scope = scope_named(*demands, held.name);
        park(timer, demands, serial, scope);
        return wake(places_[scope], scope, held);
    }
    give_place_back(*state, timer, true);
    (serial ? state->due_holders : state->waiting).push(timer);
}

void Lanes::park(const Timer& timer, const DemandsPtr& demands, bool has_lane, Scope at) {
    const std::string name = class_name(timer.lane, has_lane, *demands);
    auto& one = classes_[name];
    if (!one) {
        one = std::make_unique<Class>();
        one->name = name;
        one->number = ++last_class_;
        one->lane = timer.lane;
        one->has_lane = has_lane;
        one->demands = demands;
    }
    if (has_lane) with_lane_[timer.id] = one.get();
    one->runs.push(timer);
    stand(*one, one->at ? one->at : &places_[at]);
}

void Lanes::stand(Class& one, Place* at) {
    if (one.at) one.at->classes.erase({one.placed, one.number});
    one.at = at;
    one.placed = rank_of(one.runs.top());
    at->classes.emplace(std::pair{one.placed, one.number}, &one);
}

void Lanes::forget_if_empty(Class& one) {
    if (!one.runs.empty()) return;
    if (one.at) one.at->classes.erase({one.placed, one.number});
    classes_.erase(classes_.find(one.name));
}

/// A run that has its serial lane and waits for a key may not go on from here: it stands first in its lane again.
void Lanes::unpark_from_lane(const Timer& run) {
    const auto found = with_lane_.find(run.id);
    if (found == with_lane_.end()) return;
    Class& one = *found->second;
    with_lane_.erase(found);
    Waiting still;
    LaneState& state = lane(run);
    while (!one.runs.empty()) {
        const Timer timer = one.runs.take();
        if (timer.id != run.id) {
            still.push(timer);
            continue;
        }
        give_place_back(state, timer, true);
        (state.is_serial() ? state.due_holders : state.waiting).push(timer);
    }
    one.runs = std::move(still);
    if (!one.runs.empty()) return stand(one, one.at);
    forget_if_empty(one);
}

void Lanes::wake(Place& place, Scope scope, const Holding& held) {
    if (!held.until) return;
    const Microseconds at = elapsed_ + (*held.until - now_);
    if (place.wake_at > elapsed_ && place.wake_at <= at) return;
    place.wake_at = at;
    wakes_.push({at, scope});
}

void Lanes::opened(const DemandsPtr& demands) {
    if (!demands) return;
    for (const Scope scope : demands->scopes)
        if (places_.contains(scope)) opened_.push_back(scope);
}

}  // namespace punkt::engine

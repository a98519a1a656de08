// Lanes: the answer to "why has this run not started yet".
#include <algorithm>

#include "engine/lanes.h"

namespace punkt::engine {

/// Runs of its lane that are looked at before this one, the next of them first.
std::vector<Timer> Lanes::before(const LaneState& state, const Timer& run) const {
    std::vector<Timer> found;
    const auto gather = [&](const Waiting& waiting, bool always) {
        for (const Timer& one : waiting.all())
            if (one.id != run.id && (always || rank_of(one) < rank_of(run))) found.push_back(one);
    };
    const bool is_holder = state.holders.contains(run.first);
    gather(state.due_holders, !is_holder);
    if (!is_holder) {
        gather(state.waiting, false);
        for (const auto& [rank, one] : state.keyed.classes) gather(one->runs, false);
    }
    std::sort(found.begin(), found.end(), [](const Timer& a, const Timer& b) { return rank_of(a) < rank_of(b); });
    return found;
}

Why Lanes::why(const Timer& run, const Task& task, const Turnstile& host, Timestamp now, Microseconds elapsed) {
    now_ = now;
    elapsed_ = elapsed;
    Why why;
    Situation situation{.now = now, .due = run.due};
    LaneState* state = run.lane == 0 ? nullptr : &lane(run);
    if (state) {
        situation = at_lane(*state, run.lane, run);
        situation.due = run.due;
        const auto ahead = before(*state, run);
        why.ahead = static_cast<int>(ahead.size());
        if (state->is_serial() && situation.ahead == 0 && !ahead.empty()) situation.ahead = ahead.front().id;
        // Its own slot is not in its way: it is handed out, or waits for a key at the head of its queue.
        if (state->out.contains(run.id)) situation.lane.slots.used -= 1;
    }
    const DemandsPtr demands = demands_of(run.organization, task.key_limits);
    std::vector<Turnstile> keys;
    if (demands) keys = keys_.look(*demands, elapsed);
    situation.keys = keys;
    situation.host = host;
    turns_.look(run.organization, situation);
    why.gates = report(situation);
    for (GateReport& gate : why.gates) {
        if (!gate.holds) continue;
        if (gate.gate == Gate::concurrency)
            for (const auto& [id, copies] : state->out) gate.held_by.push_back(id);
        for (std::size_t i = 0; demands && i < keys.size(); ++i)
            if (gate.gate == Gate::key_limits && gate.slots.is_full() && demands->limits[i].key == gate.name)
                gate.held_by = keys_.inside(demands->scopes[i]);
        if (gate.gate == Gate::order && !state->holders.empty()) {
            const auto& [first, holder] = *state->holders.begin();
            if (holder.due > now) gate.until = holder.due;
        }
        std::sort(gate.held_by.begin(), gate.held_by.end());
        if (gate.held_by.size() > held_by_max) gate.held_by.resize(held_by_max);
    }
    predict(why, now, state && state->took > Microseconds{0} ? std::chrono::ceil<Milliseconds>(state->took) : usual());
    if (state) forget_if_idle(run.lane);
    return why;
}

}  // namespace punkt::engine

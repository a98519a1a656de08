#include "engine/why.h"

#include <algorithm>

namespace punkt::engine {
namespace {

GateReport passed_or_held(Gate gate, const Situation& situation) {
    GateReport one{.gate = gate};
    const auto held = holding(gate, situation);
    if (gate == Gate::concurrency) one.slots = situation.lane.slots;
    if (gate == Gate::organization) one.slots = situation.organization;
    if (gate == Gate::host) one.name = situation.host.name, one.slots = situation.host.slots;
    if (!held) return one;
    one.holds = true;
    one.until = held->until;
    if (held->ahead != 0) one.held_by.push_back(held->ahead);
    return one;
}

}  // namespace

const char* word(Forecast value) {
    switch (value) {
        case Forecast::none:
            return "unknown";
        case Forecast::exact:
            return "exact";
        case Forecast::estimate:
            return "estimate";
    }
    return "";
}

std::vector<GateReport> report(const Situation& situation) {
    std::vector<GateReport> reports;
    for (const Gate gate : gates) {
        if (gate != Gate::key_limits || situation.keys.empty()) {
            reports.push_back(passed_or_held(gate, situation));
            continue;
        }
        for (const Turnstile& key : situation.keys) {
            Situation alone{.now = situation.now, .keys = {&key, 1}};
            GateReport one = passed_or_held(gate, alone);
            one.name = key.name;
            one.slots = key.slots;
            reports.push_back(std::move(one));
        }
    }
    return reports;
}

void predict(Why& why, Timestamp now, Milliseconds each) {
    Timestamp at = now;
    Milliseconds longest{0};  // behind those that say nothing about when they end
    bool exact = true;
    for (const GateReport& gate : why.gates) {
        if (!gate.holds) continue;
        if (gate.gate == Gate::paused) return;
        if (gate.until) {
            at = std::max(at, *gate.until);
            continue;
        }
        exact = false;
        if (each <= Milliseconds{0}) return;
        longest = std::max(longest, each);
    }
    if (why.ahead > 0) {
        // Those before it take their turns first, side by side where the queue is wide.
        int wide = 1;
        for (const GateReport& gate : why.gates)
            if (gate.gate == Gate::concurrency) wide = std::max(1, gate.slots.limit);
        exact = false;
        if (each <= Milliseconds{0}) return;
        longest += each * (why.ahead / wide);
    }
    why.forecast = exact ? Forecast::exact : Forecast::estimate;
    why.predicted = at + longest;
}

}  // namespace punkt::engine

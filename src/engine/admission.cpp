#include "engine/admission.h"

namespace punkt::engine {
namespace {

std::optional<Holding> held_by(Gate gate, const Turnstile& turnstile, Timestamp now) {
    if (turnstile.slots.is_full()) return Holding{.gate = gate, .name = turnstile.name, .slots = turnstile.slots};
    if (turnstile.wait <= Milliseconds{0}) return std::nullopt;
    return Holding{.gate = gate, .name = turnstile.name, .slots = turnstile.slots, .until = now + turnstile.wait};
}

}  // namespace

const char* word(Gate gate) {
    switch (gate) {
        case Gate::paused:
            return "paused";
        case Gate::start_time:
            return "start_time";
        case Gate::order:
            return "order";
        case Gate::concurrency:
            return "concurrency";
        case Gate::rate:
            return "rate";
        case Gate::key_limits:
            return "key_limits";
        case Gate::host:
            return "host";
        case Gate::organization:
            return "organization";
        case Gate::quota:
            return "quota";
    }
    return "";
}

std::optional<Holding> holding(Gate gate, const Situation& situation) {
    const Timestamp now = situation.now;
    switch (gate) {
        case Gate::paused:
            if (situation.is_paused) return Holding{.gate = gate};
            break;
        case Gate::start_time:
            if (situation.due > now) return Holding{.gate = gate, .until = situation.due};
            break;
        case Gate::order:
            if (situation.ahead != 0) return Holding{.gate = gate, .ahead = situation.ahead};
            break;
        case Gate::concurrency:
            return held_by(gate, {.slots = situation.lane.slots}, now);
        case Gate::rate:
            return held_by(gate, {.wait = situation.lane.wait}, now);
        case Gate::key_limits:
            for (const Turnstile& key : situation.keys)
                if (auto held = held_by(gate, key, now)) return held;
            break;
        case Gate::host:
            return held_by(gate, situation.host, now);
        case Gate::organization:
            return held_by(gate, {.slots = situation.organization}, now);
        case Gate::quota:
            if (situation.quota_until && *situation.quota_until > now)
                return Holding{.gate = gate, .until = situation.quota_until};
            break;
    }
    return std::nullopt;
}

std::optional<Holding> first_holding(const Situation& situation) {
    for (const Gate gate : gates)
        if (auto held = holding(gate, situation)) return held;
    return std::nullopt;
}

}  // namespace punkt::engine

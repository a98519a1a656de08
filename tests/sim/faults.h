// What goes wrong in a run, and how often. The seed chooses the rates, so that each run has its own weather.
#pragma once

#include "sim/dice.h"

namespace punkt::sim {

enum class FaultLevel { none, some, all };

struct Faults {
    double refused_commit = 0;  // share of commits
    double failed_read = 0;     // share of reads
    double slow_store = 0;      // share of commits and reads that take up to seconds
    double bad_answer = 0;      // share of answers of a target that could do well
    double crashes_per_hour = 0;
    double jumps_per_day = 0;
    bool far_jumps = false;        // years instead of an hour
    bool targets_do_well = false;  // whatever their mood: no fault, but the end of all

    /// `some`: each kind with a chance of one half, gently. `all`: every kind.
    static Faults chosen(FaultLevel level, Dice& dice);
    static Faults none() { return {}; }
};

inline Faults Faults::chosen(FaultLevel level, Dice& dice) {
    if (level == FaultLevel::none) return {};
    const double share = level == FaultLevel::all ? 1 : 0.5;
    const auto rate = [&](double most) { return dice.chance(share) ? most * dice.random().unit() : 0; };
    return {.refused_commit = rate(0.2),
            .failed_read = rate(0.3),
            .slow_store = rate(0.3),
            .bad_answer = rate(0.6),
            .crashes_per_hour = rate(dice.chance(0.3) ? 60 : 3),
            .jumps_per_day = rate(6),
            .far_jumps = dice.chance(0.2)};
}

}  // namespace punkt::sim

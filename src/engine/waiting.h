// The order in which runs that wait are looked at.
#pragma once

#include <compare>
#include <queue>
#include <vector>

#include "core/execution.h"

namespace punkt::engine {

/// Priority, due time, id. Ageing by one level per minute waited makes the order of two runs independent of the moment
/// it is asked for: priority minutes are simply added to the due time (tiktak.md §6).
struct Rank {
    std::int64_t at_ms = 0;
    Id id = 0;
    auto operator<=>(const Rank&) const = default;
};

inline Rank rank_of(const Timer& timer) { return {to_ms(timer.due) + timer.priority * 60'000LL, timer.id}; }

struct RanksLater {
    bool operator()(const Timer& a, const Timer& b) const { return rank_of(a) > rank_of(b); }
};

/// A heap of runs, the first in rank on top.
class Waiting : public std::priority_queue<Timer, std::vector<Timer>, RanksLater> {
  public:
    /// All of them, in no order.
    const std::vector<Timer>& all() const { return c; }
    Timer take() {
        Timer first = top();
        pop();
        return first;
    }
};

}  // namespace punkt::engine

// What comes due within a second or two, or is: in order, each organization apart, so that one with a million due does
// not stand before the others.
#pragma once

#include <deque>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace punkt::engine {

/// Narrow on purpose: this is what is moved around most.
struct Due {
    Timestamp at{};
    Id id = 0;
    Id organization = 0;
    bool operator==(const Due&) const = default;
};

/// Threads: the engine's.
class DueQueues {
  public:
    void add(Due due);
    /// One that is due at `now`, taken out: organizations take turns, of one the earliest comes first. Nothing when
    /// none is due.
    std::optional<Due> take(Timestamp now);
    /// Not later than the first one.
    std::optional<Timestamp> first() const;

  private:
    struct Later {
        bool operator()(const Due& a, const Due& b) const { return a.at != b.at ? a.at > b.at : a.id > b.id; }
    };
    using Heap = std::priority_queue<Due, std::vector<Due>, Later>;
    struct Organization {
        Heap due;
        bool is_in_round = false;
    };
    void join_round(Timestamp now);

    std::unordered_map<Id, Organization> organizations_;  // those that have something here
    // The first of each that is not in the round; also of some that have another first now.
    Heap coming_;
    std::deque<Id> round_;
};

}  // namespace punkt::engine

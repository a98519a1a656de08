// When to look at what: ids wait in slots of one second and are ordered when their second comes.
// Far hours stay on disk (engine.md §4); near_future decides what is near and knows what the ids stand for.
#pragma once

#include <optional>
#include <vector>

#include "engine/due_queues.h"

namespace punkt::engine {

/// Threads: the engine's.
class Timers {
  public:
    /// Slots of this many seconds ahead; what is further away than that is ordered at once (correct, but dearer).
    static constexpr std::int64_t slots = 8192;
    /// Of one second so many are announced, each organization's share of them. The rest is more than can start at once.
    static constexpr std::size_t announced_max = 20'000;

    explicit Timers(Timestamp now);

    void add(Due due);
    /// Brings the seconds that are close into the ordered part, about a second before they come: time to fetch what
    /// their tasks need. Appends the ids to `soon`, of a crowded second only some.
    void advance(Timestamp now, std::vector<Id>& soon);
    /// One that is due at `now`, taken out: organizations take turns, of one the earliest comes first. Nothing when
    /// none is due.
    std::optional<Due> take_due(Timestamp now);
    /// When to look again: the next due time, or the next second while anything waits. Nothing when empty.
    std::optional<Timestamp> next_look() const;
    std::size_t size() const { return size_; }

  private:
    static void announce(const std::vector<Due>& second, std::vector<Id>& soon);
    std::vector<Due>& slot(std::int64_t second) { return slots_[static_cast<std::size_t>(second & (slots - 1))]; }

    std::int64_t cursor_;  // the first second that is still in its slot
    std::size_t size_ = 0;
    std::vector<std::vector<Due>> slots_;
    DueQueues ordered_;
};

}  // namespace punkt::engine

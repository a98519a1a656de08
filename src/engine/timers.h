// The near future in memory: timers wait in slots of one second and are ordered when their second comes.
// Far hours stay on disk (engine.md §4); the engine decides what is near.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "core/execution.h"

namespace punkt::engine {

/// Threads: the engine's.
class Timers {
  public:
    /// Slots of this many seconds ahead; a timer further away than that is ordered at once (correct, but dearer).
    static constexpr std::int64_t slots = 8192;

    explicit Timers(Timestamp now);

    void add(const Timer& timer);
    /// The timers that come into the ordered part at `now`, about a second before they are due: time to fetch what they
    /// need. Appends to `soon`.
    void advance(Timestamp now, std::vector<Timer>& soon);
    /// The earliest timer that is due at `now`, taken out; nothing when none is.
    std::optional<Timer> take_due(Timestamp now);
    /// When to look again: the next due time, or the next second while anything waits. Nothing when empty.
    std::optional<Timestamp> next_look() const;
    std::size_t size() const { return size_; }

  private:
    struct Later {
        bool operator()(const Timer& a, const Timer& b) const { return a.due != b.due ? a.due > b.due : a.id > b.id; }
    };
    std::vector<Timer>& slot(std::int64_t second) { return slots_[static_cast<std::size_t>(second & (slots - 1))]; }

    std::int64_t cursor_;  // the first second that is still in its slot
    std::size_t size_ = 0;
    std::vector<std::vector<Timer>> slots_;
    std::priority_queue<Timer, std::vector<Timer>, Later> ordered_;
};

}  // namespace punkt::engine

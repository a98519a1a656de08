// When to look at what: ids wait in slots of one second and are ordered when their second comes.
// Far hours stay on disk (engine.md §4); near_future decides what is near and knows what the ids stand for.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace punkt::engine {

/// Threads: the engine's.
class Timers {
  public:
    /// Slots of this many seconds ahead; what is further away than that is ordered at once (correct, but dearer).
    static constexpr std::int64_t slots = 8192;

    /// Narrow on purpose: this is what is moved around most.
    struct Due {
        Timestamp at{};
        Id id = 0;
        bool operator==(const Due&) const = default;
    };

    explicit Timers(Timestamp now);

    void add(Due due);
    /// Brings the seconds that are close into the ordered part, about a second before they come: time to fetch what
    /// their tasks need. Appends the ids to `soon`.
    void advance(Timestamp now, std::vector<Id>& soon);
    /// The earliest one that is due at `now`, taken out; nothing when none is.
    std::optional<Due> take_due(Timestamp now);
    /// When to look again: the next due time, or the next second while anything waits. Nothing when empty.
    std::optional<Timestamp> next_look() const;
    std::size_t size() const { return size_; }

  private:
    struct Later {
        bool operator()(const Due& a, const Due& b) const { return a.at != b.at ? a.at > b.at : a.id > b.id; }
    };
    std::vector<Due>& slot(std::int64_t second) { return slots_[static_cast<std::size_t>(second & (slots - 1))]; }

    std::int64_t cursor_;  // the first second that is still in its slot
    std::size_t size_ = 0;
    std::vector<std::vector<Due>> slots_;
    std::priority_queue<Due, std::vector<Due>, Later> ordered_;
};

}  // namespace punkt::engine

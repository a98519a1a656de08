// What is pending and near, in memory: each timer once, from the moment it is known until its end is on disk. Hours are
// asked for before they come; what is committed meanwhile must neither be lost nor appear twice, and what is removed
// meanwhile must not come back with the load.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/timers.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class NearFuture {
  public:
    NearFuture(Timestamp now, store::EngineStore& store);

    /// Asks the store for the hours that come near. Call on every tick.
    void look_ahead(Timestamp now, Microseconds elapsed);
    /// The answer of the store. It is looked through by sort_in().
    void loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers, Microseconds elapsed);
    /// Takes in at most so many of what was loaded, and answers those that were not known, and with the first load also
    /// far retries that hold something back (they stay far: their hour brings them again).
    std::vector<Timer> sort_in(std::size_t most);
    /// sort_in() has more to do.
    bool has_loaded() const;
    /// Everything that is due at `now` is in memory: after a start, or a jump of the clock over hours, first the disk
    /// is read, else newer work would overtake older.
    bool knows(Timestamp now) const;

    enum class Added { fresh, known, far };
    /// A committed timer. `known`: it is here already. `far`: the disk keeps it until its hour.
    Added add(const Timer& timer);
    /// A timer that is no longer stored: cancelled, moved, or its end is on disk. Copies of it may still lie in the
    /// lanes; is_current tells.
    void removed(const Timer& timer);

    /// The tasks of what is due within the next second or two are appended to `tasks_soon`.
    void advance(Timestamp now, std::vector<Id>& tasks_soon);
    /// A timer that is due at `now`; each is handed out once. Organizations take turns, of one the earliest comes
    /// first. Nothing when none is due.
    std::optional<Timer> take_due(Timestamp now);
    /// Exactly this timer is stored and was not started.
    bool is_current(const Timer& timer) const;
    /// It is out: a run was sent, a beat was planned. Until removed().
    void started(const Timer& timer);
    bool is_started(Id id) const;
    bool is_started(const Timer& timer) const;
    /// The task's beat is due, or planned and not confirmed.
    bool is_beat_at_work(Id task, Timestamp now) const;

    /// When to look again; nothing when nothing waits.
    std::optional<Timestamp> next_look() const { return timers_.next_look(); }
    /// Timers that wait for their time.
    std::size_t size() const { return timers_.size(); }

  private:
    enum class State : std::uint8_t { waiting, handed_out, started };
    struct Entry {
        Timer timer;
        State state = State::waiting;
    };
    struct Load {
        store::Hour from = 0;
        store::Hour until = 0;
        std::unordered_set<Id> removed = {};                      // since it was asked for
        std::optional<Microseconds> again_at = std::nullopt;      // failed: when to ask again
        std::optional<std::vector<Timer>> timers = std::nullopt;  // loaded and not sorted in, the next of them last
    };
    bool is_near(Timestamp due) const { return store::hour_of(due) < asked_until_; }

    store::EngineStore& store_;
    Timers timers_;
    std::unordered_map<Id, Entry> entries_;
    store::Hour asked_until_ = 0;
    std::vector<Load> loads_;
};

}  // namespace punkt::engine

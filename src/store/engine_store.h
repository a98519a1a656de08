// The store as the engine sees it: a durable log with a handful of verbs. Everything is asynchronous; what happened
// comes back through StoreEvents. Implemented on SQLite (store/sql_engine_store.h) and by the simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/execution.h"
#include "core/task.h"

namespace punkt::store {

/// A timer that was just committed, with its task when the writer has it at hand.
struct Armed {
    Timer timer;
    TaskPtr task = nullptr;
};

/// What a finally lost run is found by among the dead letters.
struct DeadLetter {
    std::string host;  // of the task's URL
    Purpose purpose = Purpose::user;
};

/// Something happened to a timer. One transaction; all or nothing.
/// If `timer` is no longer stored (cancelled, moved, or recorded before a crash), `record` is still written for a run
/// that really was sent, but `arm`, `missed`, `next_run_at`, `follow_ups` and `dead_letter` are ignored: no timer, no
/// consequences.
struct Transition {
    Timer timer;                  // removed, unless `arm` contains it again with another due time
    std::vector<Timer> arm = {};  // retries, runs of a beat, the beat's next instant
    std::optional<Execution> record = std::nullopt;
    std::vector<Execution> missed = {};
    /// `record` is of what a user asked for: it counts as usage, in the same commit (store/usage.h).
    bool is_counted = false;
    /// Of a beat: what `schedule.next_run_at` becomes. The inner nothing: no further instant.
    std::optional<std::optional<Timestamp>> next_run_at = std::nullopt;
    TaskPtr task = nullptr;  // for those who are told of it; nothing: it is gone
    /// New tasks that the outcome causes, with their timers: callbacks, notices. Their tasks are always there.
    std::vector<Armed> follow_ups = {};
    /// How the run of the record ended is compared with the next one's (Task::last_run_lost). Of a one-time task that
    /// ran well at once nobody will ask.
    bool is_compared = true;
    /// Of a record that is finally lost.
    std::optional<DeadLetter> dead_letter = std::nullopt;
};

/// Hours since 1970 UTC: how timers lie on disk.
using Hour = std::int64_t;
constexpr Hour hour_of(Timestamp at) { return to_ms(at) / 3'600'000; }

/// What happened, told in the order in which it was written, also within one commit: what a later write of a commit
/// took away is told after what an earlier one of it armed. The answer to a load may come before the events of the
/// commits that it saw, never after those of a commit that it did not see and that was finished before it was asked
/// for.
class StoreEvents {
  public:
    virtual ~StoreEvents() = default;
    /// Newly committed timers from the API. Threads: the writer's.
    virtual void armed(std::vector<Armed> timers) = 0;
    /// Answer to `record`: the places in the batch of the transitions that were stale ("no timer, no consequences").
    /// After an error nothing of the batch was written, and it may be recorded again.
    virtual void recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) = 0;
    /// Answer to `load_tasks`; a task that is deleted or unknown is absent from `tasks`, its id stands in `asked`, and
    /// its timers will be dropped. On an error (the disk could not be read) the engine asks again.
    virtual void loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) = 0;
    /// Answer to `load_timers`, in any order. On an error the engine asks again.
    virtual void timers_loaded(Hour from, Hour until, Result<std::vector<Timer>> timers) = 0;
    /// A committed update or deletion: cached copies of the task are stale. `gone` timers are no longer stored; one
    /// that was moved or changed stands in `now` too. A run that the engine calls running is not moved.
    virtual void task_changed(Id task, std::vector<Timer> gone, std::vector<Armed> now) = 0;
};

class EngineStore {
  public:
    virtual ~EngineStore() = default;
    virtual void record(std::uint64_t batch, std::vector<Transition> transitions) = 0;
    virtual void load_tasks(std::vector<Id> tasks) = 0;
    /// Timers with from <= hour < until, of every shard this node owns. `from` may be "the beginning" (0): then also
    /// the later retries (attempt > 1) that hold something back until they are over, those in a lane or of a cron task.
    virtual void load_timers(Hour from, Hour until) = 0;

    /// The flight recorder: which executions are out now, kept in a memory-mapped file that survives kill -9 (not a
    /// power cut), so that a repeated delivery can say that it is one. `started` answers how many deliveries of this
    /// attempt there were, this one included.
    virtual int started(Id execution) = 0;
    virtual void ended(Id execution) = 0;
    /// Started and not ended: out now, or interrupted by a crash.
    virtual bool was_started(Id execution) const = 0;
};

}  // namespace punkt::store

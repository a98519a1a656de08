// Cron tasks: what a beat that comes due turns into. Plans only; the engine records and starts.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "base/id.h"
#include "core/schedule.h"
#include "engine/ports.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class Beats {
  public:
    Beats(IdMaker& ids, const Directory& directory) : ids_(ids), directory_(directory) {}

    /// The transition of `beat`, due at or before `now`: runs for the instants that are to run, `missed` records for
    /// the others, and the beat's next instant. A task that is no longer an enabled cron task loses its beat.
    store::Transition plan(const Timer& beat, const Task& task, Timestamp now);
    void forget(Id task) { schedules_.erase(task); }

    /// Runs of a task that exist and are not over: what `overlap: skip` looks at.
    void run_armed(const Timer& run);
    void run_over(const Timer& run);

  private:
    static constexpr std::size_t schedules_max = 10'000;
    const Schedule* schedule(const Task& task);
    Execution missed(const Timer& beat, const Task& task, Timestamp instant, Timestamp now, const char* reason);

    IdMaker& ids_;
    const Directory& directory_;
    std::unordered_map<Id, Schedule> schedules_;
    std::unordered_map<Id, std::unordered_set<Id>> active_;  // by task: runs, named by their first attempt
};

}  // namespace punkt::engine

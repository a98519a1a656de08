// What follows from an outcome beside its retry: the tasks that rooms want (follow_up.h), and the dead letter of a run
// that is finally lost. Remembers how the last run of a task ended, so that a failure is told once.
#pragma once

#include <unordered_map>

#include "base/id.h"
#include "engine/follow_up.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class Aftermath {
  public:
    /// `rooms` may be null: nothing follows.
    Aftermath(const FollowUps* rooms, IdMaker& ids) : rooms_(rooms), ids_(ids) {}

    /// Completes `transition`, which records an attempt at `task`.
    void add(store::Transition& transition, const Task& task, Timestamp now);

    /// How the task's last run ended is known here, perhaps not yet on disk.
    bool knows(Id task) const { return lost_.contains(task); }
    /// It is on disk now: Task::last_run_lost of a task that is read from now on.
    void forget(Id task) { lost_.erase(task); }

  private:
    std::optional<bool> previous_lost(const Task& task) const;

    const FollowUps* rooms_;
    IdMaker& ids_;
    std::unordered_map<Id, bool> lost_;  // by task: whether its last run was lost
    std::vector<Task> wanted_;           // kept for its memory
};

}  // namespace punkt::engine

// What an outcome causes: callbacks, notices. The engine asks when it has judged an attempt; what it gets is written in
// the same commit as the outcome, and is a task like any other. Rooms say what theirs are (rooms/*/follow_ups.h), app/
// joins them.
#pragma once

#include <optional>
#include <vector>

#include "core/execution.h"
#include "core/task.h"

namespace punkt::engine {

/// An attempt that is over.
struct Finished {
    const Task& task;
    const Execution& execution;  // as it is recorded; `next` names the retry that follows
    bool is_final = true;        // no retry follows: the run is over
    /// Whether the run of the same task that finished before this one was lost; nothing: there was none.
    std::optional<bool> previous_lost = std::nullopt;
    Timestamp now{};

    bool is_lost() const { return is_final && execution.status != Status::success; }
};

/// Threads: the engine's. Pure and quick: what it needs to know is in memory.
class FollowUps {
  public:
    virtual ~FollowUps() = default;
    /// Appends the tasks that `finished` causes, without ids: their url, body, purpose and the like. The engine adds
    /// the organization, Surface::system, the parent and the time, which is now. Not asked about system tasks: a
    /// follow-up has none of its own.
    virtual void after(const Finished& finished, std::vector<Task>& tasks) const = 0;
};

}  // namespace punkt::engine

// What the outcome of a task causes by the task's own fields: its callback. Source: execution.md §8.1.
#pragma once

#include <vector>

#include "base/id.h"
#include "engine/follow_up.h"

namespace punkt::tasks {

/// After every finished attempt of a task with a `callback_url`: three tries in total, 5 s and 20 s apart, 10 s each.
/// Threads: the engine's.
void add_callback(const engine::Finished& finished, const PublicIds& ids, std::vector<Task>& tasks);

}  // namespace punkt::tasks

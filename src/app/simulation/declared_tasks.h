// The tasks of a definitions document, as a simulation takes them.
#pragma once

#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "core/task.h"

namespace punkt::app {

/// Recurring ones have their first instant at `from` or after; one-time tasks due earlier are left out.
/// Errors: `invalid`, naming the items that are wrong.
Result<std::vector<Task>> declared_tasks(json::Value document, Timestamp from);

/// `tasks` as they would be after `punkt apply` of `document`. Errors: as above.
Result<std::vector<Task>> applied_tasks(const std::vector<Task>& tasks, json::Value document, bool prune,
                                        Timestamp from);

}  // namespace punkt::app

// The users' own names for tasks (Task::key), and what is read by them: definitions.
#pragma once

#include <string_view>
#include <vector>

#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// Makes `task` the one that its key stands for; a task without key gives up the one it had. Part of storing a task.
/// Errors: `invalid` with the field `key` when another live task of the organization has it.
Result<void> claim_key(db::Connection& connection, const Task& task, bool is_new);
/// Part of deleting a task.
Result<void> release_key(db::Connection& connection, Id task);

/// What sync and import look at: the organization's cron tasks made through the native API, and its one-time tasks that
/// have a key, the oldest first. At most `limit`.
Result<std::vector<Task>> list_definitions(db::Connection& connection, Id organization, int limit);

}  // namespace punkt::store

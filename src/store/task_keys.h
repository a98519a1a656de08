// The users' own names for tasks (Task::key), and what is read by them: definitions.
#pragma once

#include <string_view>
#include <vector>

#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// Code of the error that another live task of the organization has the key: a `conflict` with the field `key`, and as
/// field `task_id` the row id of that task, which rooms turn into its public one (tasks::with_public_winner).
constexpr std::string_view code_key_taken = "key_taken";

/// Makes `task` the one that its key stands for; a task without key gives up the one it had. Part of storing a task.
/// Errors: code_key_taken.
Result<void> claim_key(db::Connection& connection, const Task& task, bool is_new);
/// Part of deleting a task.
Result<void> release_key(db::Connection& connection, Id task);

/// What sync and import look at: the organization's cron tasks made through the native API, and its one-time tasks that
/// have a key, the oldest first. At most `limit`.
Result<std::vector<Task>> list_definitions(db::Connection& connection, Id organization, int limit);

}  // namespace punkt::store

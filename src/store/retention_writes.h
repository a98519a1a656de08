// What retention deletes, inside the caller's transaction.
#pragma once

#include <vector>

#include "store/retention.h"
#include "store/retention_reads.h"

namespace punkt::store {

/// A table of this folder or of another that may keep rows of a task that is gone.
std::vector<Retention::Remainder> own_remainders();

/// Nothing waits for the task and nothing is left to be shown of it.
Result<bool> is_over(db::Connection& connection, Id organization, Id task);

/// Deletes the tasks that are still over, with everything that belongs to them.
Result<void> delete_tasks_if_over(db::Connection& connection, const std::vector<Id>& tasks,
                                  const std::vector<Retention::Remainder>& remainders);
Result<void> delete_versions(db::Connection& connection, const std::vector<TaskVersion>& versions);
Result<void> delete_executions(db::Connection& connection, const std::vector<Id>& executions);

/// Deletes rows of `table` with `cursor` < rowid <= `until` whose task is gone.
Result<void> delete_orphans(db::Connection& connection, const std::string& table, std::int64_t cursor,
                            std::int64_t until);

}  // namespace punkt::store

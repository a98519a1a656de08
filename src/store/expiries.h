// Runs that did not start before their task expired: whatever holds them, somebody must notice. The table `expiry` has
// a row for each task that expires, and none for the others.
#pragma once

#include <utility>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// Keeps the row of a task as it is stored now. `is_new`: there is none yet.
Result<void> note_expiry(db::Connection& connection, const Task& task, bool is_new);
/// Removes the rows of those that have expired by `now`.
Result<void> forget_expiries(db::Connection& connection, const std::vector<Id>& tasks, Timestamp now);

/// Goes through the tasks that have expired, again and again: some of their runs are out and end later. Threads: one at
/// a time.
class ExpiredTasks {
  public:
    struct Found {
        std::vector<Timer> pending = {};  // runs that should have started before; also those that are out
        std::vector<Id> over = {};        // tasks without such runs: forget_expiries()
        bool has_more = false;
    };
    /// The next ones, at most `tasks_max`.
    Result<Found> look(db::Connection& connection, Timestamp now, int tasks_max);

  private:
    struct Row {
        Timestamp at{};
        Id task = 0;
        Id organization = 0;
    };
    Result<std::vector<Row>> read(db::Connection& connection, Timestamp now, int tasks_max);
    Row last_ = {};
};

}  // namespace punkt::store

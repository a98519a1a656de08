// How tasks, timers and executions lie in their tables: the only place that knows their columns.
#pragma once

#include <optional>
#include <string_view>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"
#include "store/engine_store.h"

namespace punkt::store {

// What is stored are the enumerators' numbers; migrations and partial indexes name them.
static_assert(static_cast<int>(TaskKind::once) == 0 && static_cast<int>(TaskKind::cron) == 1);
static_assert(static_cast<int>(Timer::Kind::run) == 0 && static_cast<int>(Timer::Kind::beat) == 1);
static_assert(static_cast<int>(Status::pending) == 0 && static_cast<int>(Status::running) == 1 &&
              static_cast<int>(Status::success) == 2 && static_cast<int>(Status::failed) == 3 &&
              static_cast<int>(Status::timeout) == 4 && static_cast<int>(Status::missed) == 5 &&
              static_cast<int>(Status::cancelled) == 6 && static_cast<int>(Status::expired) == 7);
static_assert(static_cast<int>(Cause::create) == 0 && static_cast<int>(Cause::schedule) == 1 &&
              static_cast<int>(Cause::retry) == 2 && static_cast<int>(Cause::trigger) == 3);
static_assert(static_cast<int>(Method::get) == 0 && static_cast<int>(Method::post) == 1 &&
              static_cast<int>(Method::put) == 2 && static_cast<int>(Method::patch) == 3 &&
              static_cast<int>(Method::delete_) == 4 && static_cast<int>(Method::head) == 5 &&
              static_cast<int>(Method::options) == 6);
static_assert(static_cast<int>(Surface::native) == 0 && static_cast<int>(Surface::qron) == 1 &&
              static_cast<int>(Surface::tiktak) == 2 && static_cast<int>(Surface::system) == 3);

/// For `SELECT <these> FROM task` and read_task; the same columns stand in `task_version`, except id and deleted_at.
#define PUNKT_TASK_COLUMNS                                                                                          \
    "id, organization, version, kind, surface, enabled, method, created_at, updated_at, deleted_at, scheduled_at, " \
    "queue, name, url, options, body"
#define PUNKT_TIMER_COLUMNS "id, task, organization, kind, cause, attempt, priority, due, scheduled_for, lane, first"
/// Without the three large columns request_head, response_head, response_body, which follow them in read_execution.
#define PUNKT_EXECUTION_COLUMNS                                                                                     \
    "id, task, organization, status, cause, attempt, deliveries, task_version, status_code, scheduled_for, "        \
    "started_at, finished_at, first, next, next_at, dns_us, connect_us, tls_us, first_byte_us, total_us, address, " \
    "error_message, response_truncated"

/// The row of a timer that is not the first attempt of a one-time task at its scheduled time: those that the
/// indexes timer_task and timer_id hold. Must be spelled as in the migration to be found through them.
#define PUNKT_TIMER_INDEXED "(id <> task OR due <> scheduled_for OR kind <> 0)"

Result<void> insert_task(db::Connection& connection, const Task& task);
/// Stores the row of task.id anew.
Result<void> replace_task(db::Connection& connection, const Task& task);
/// Copies the stored row into task_version.
Result<void> keep_version(db::Connection& connection, Id task, Timestamp now);
Result<Task> read_task(const db::Row& row);

Result<void> insert_timer(db::Connection& connection, const Timer& timer);
/// False when exactly this timer (its id at its due time) is not stored.
Result<bool> remove_timer(db::Connection& connection, const Timer& timer);
Timer read_timer(const db::Row& row);

/// An execution of that id (a cancelled one whose delivery was already out) is replaced.
Result<void> insert_execution(db::Connection& connection, const Execution& execution);
/// `complete`: the three large columns were selected too.
Execution read_execution(const db::Row& row, bool complete);

}  // namespace punkt::store

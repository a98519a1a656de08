// What the API reads about tasks. Every function takes the organization first: another one's task is not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// A task that is not deleted, with next_run_at and what it did last. Nothing when there is none.
Result<std::optional<Task>> find_task(db::Connection& connection, Id organization, Id task);

/// The task as it was in `version`, also when it was deleted since. Nothing when that version is gone.
Result<std::optional<Task>> find_task_version(db::Connection& connection, Id organization, Id task, int version);

/// What a list can be filtered by:
///   active   an enabled cron task          paused   a disabled task
///   pending  has a run that waits          others   the status of its last execution
enum class TaskState { active, paused, pending, success, failed, timeout, missed, cancelled, expired };
std::optional<TaskState> task_state_from(std::string_view word);

struct TaskQuery {
    std::optional<std::string> queue = std::nullopt;  // empty: tasks without a queue ("none" on the wire)
    std::optional<TaskKind> kind = std::nullopt;
    std::optional<TaskState> state = std::nullopt;
    std::optional<Surface> surface = std::nullopt;
    bool system_only = false;                       // follow-ups, which are hidden otherwise
    std::optional<Purpose> purpose = std::nullopt;  // with system_only
    std::vector<std::string> labels = {};           // store/task_labels.h; all of them
    std::string name_part = {};                     // anywhere in the name, ASCII case ignored

    /// latest_run  the last execution first, never-run ones last, then the newest; with `offset`
    /// newest      the newest first; with `cursor` (or `offset`)
    enum class Order { latest_run, newest };
    Order order = Order::latest_run;
    int limit = limits::page_default;
    std::int64_t offset = 0;
    Id cursor = 0;  // only tasks older than this one; 0: from the newest
};

struct TaskPage {
    std::vector<Task> tasks;  // with next_run_at and what they did last
    bool has_more = false;
    Id cursor = 0;  // newest: for the page after this one
    /// Too many fit a label or a name to be sorted by what they did last: they come newest first all the same.
    bool is_newest_instead = false;
};

/// Work is bounded: after rows_examined_max rows the page ends as it is, with has_more set; with Order::newest the
/// cursor goes on from there.
Result<TaskPage> list_tasks(db::Connection& connection, Id organization, const TaskQuery& query);

/// Distinct queue names of tasks that are not deleted, in order. At most `limit`.
Result<std::vector<std::string>> list_queues(db::Connection& connection, Id organization, int limit = 10'000);

/// Ids of the tasks of a queue that are not deleted, newest first: to delete them in batches.
Result<std::vector<Id>> tasks_of_queue(db::Connection& connection, Id organization, std::string_view queue, int limit);

/// Tasks that are not deleted, without system tasks, counted up to `at_most`.
Result<std::int64_t> count_tasks(db::Connection& connection, Id organization, std::int64_t at_most = 1'000'000);

}  // namespace punkt::store

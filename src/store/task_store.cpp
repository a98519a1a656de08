#include "store/task_store.h"

#include <array>

#include "store/rows.h"
#include "store/task_list.h"

namespace punkt::store {
namespace {

Result<std::optional<Task>> one(db::Connection& connection, std::string_view sql,
                                std::initializer_list<db::Parameter> parameters) {
    std::optional<Task> found;
    Result<void> damaged;
    auto done = connection.query(sql, parameters, [&](const db::Row& row) {
        auto task = read_task(row);
        if (task)
            found = std::move(*task);
        else
            damaged = task.error();
    });
    if (!done) return done.error();
    if (!damaged) return damaged.error();
    return found;
}

Result<void> add_last_run(db::Connection& connection, Task& task) {
    auto last = last_run(connection, task.id, task.kind);
    if (!last) return last.error();
    if (*last) {
        task.last_execution_at = (*last)->at;
        task.last_execution_status = word((*last)->status);
    }
    if (task.kind != TaskKind::cron) return {};
    return connection.query("SELECT next_run_at FROM schedule WHERE task = $1", {task.id},
                            [&](const db::Row& row) { task.next_run_at = row.optional_timestamp(0); });
}

}  // namespace

Result<std::optional<Task>> find_task(db::Connection& connection, Id organization, Id task) {
    auto found =
        one(connection,
            "SELECT " PUNKT_TASK_COLUMNS " FROM task WHERE id = $1 AND organization = $2 AND deleted_at IS NULL",
            {task, organization});
    if (!found || !*found) return found;
    if (auto added = add_last_run(connection, **found); !added) return added.error();
    return found;
}

Result<std::optional<Task>> find_task_version(db::Connection& connection, Id organization, Id task, int version) {
    auto current =
        one(connection, "SELECT " PUNKT_TASK_COLUMNS " FROM task WHERE id = $1 AND organization = $2 AND version = $3",
            {task, organization, version});
    if (!current || *current) return current;
    return one(
        connection,
        "SELECT task, organization, version, kind, surface, enabled, method, created_at, updated_at, NULL, "
        "scheduled_at, queue, name, url, options, body FROM task_version WHERE task = $1 AND organization = $2 AND "
        "version = $3",
        {task, organization, version});
}

std::optional<TaskState> task_state_from(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, TaskState>, 10> states = {{{"active", TaskState::active},
                                                                                {"paused", TaskState::paused},
                                                                                {"pending", TaskState::pending},
                                                                                {"success", TaskState::success},
                                                                                {"succeeded", TaskState::success},
                                                                                {"failed", TaskState::failed},
                                                                                {"timeout", TaskState::timeout},
                                                                                {"missed", TaskState::missed},
                                                                                {"cancelled", TaskState::cancelled},
                                                                                {"expired", TaskState::expired}}};
    for (const auto& [known, state] : states)
        if (word == known) return state;
    return std::nullopt;
}

Result<TaskPage> list_tasks(db::Connection& connection, Id organization, const TaskQuery& query) {
    TaskList list(connection, organization, query);
    auto gathered = query.order == TaskQuery::Order::newest ? list.gather_newest() : list.gather_latest_run();
    if (!gathered) return gathered.error();
    TaskPage page{.has_more = list.has_more, .cursor = list.cursor, .is_newest_instead = list.is_newest_instead};
    for (const auto& candidate : list.page) {
        auto task = find_task(connection, organization, candidate.id);
        if (!task) return task.error();
        if (*task) page.tasks.push_back(std::move(**task));
    }
    return page;
}

Result<std::vector<std::string>> list_queues(db::Connection& connection, Id organization, int limit) {
    std::vector<std::string> queues;
    // One seek per name: the index is never walked along a queue's tasks.
    auto done = connection.query(
        "WITH RECURSIVE name (queue) AS (SELECT min(queue) FROM task WHERE organization = $1 AND deleted_at IS NULL "
        "AND "
        "queue IS NOT NULL UNION ALL SELECT (SELECT min(queue) FROM task WHERE organization = $1 AND deleted_at IS "
        "NULL "
        "AND queue IS NOT NULL AND queue > name.queue) FROM name WHERE name.queue IS NOT NULL) SELECT queue FROM name "
        "WHERE queue IS NOT NULL LIMIT $2",
        {organization, limit}, [&](const db::Row& row) { queues.push_back(row.string(0)); });
    if (!done) return done.error();
    return queues;
}

Result<std::vector<Id>> tasks_of_queue(db::Connection& connection, Id organization, std::string_view queue, int limit) {
    std::vector<Id> tasks;
    auto done = connection.query(
        "SELECT id FROM task WHERE organization = $1 AND queue = $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3",
        {organization, queue, limit}, [&](const db::Row& row) { tasks.push_back(row.integer(0)); });
    if (!done) return done.error();
    return tasks;
}

Result<std::int64_t> count_tasks(db::Connection& connection, Id organization, std::int64_t at_most) {
    return db::query_number(connection,
                            "SELECT count(*) FROM (SELECT 1 FROM task WHERE organization = $1 AND deleted_at IS NULL "
                            "AND surface <> 3 LIMIT $2) AS live",
                            {organization, at_most});
}

}  // namespace punkt::store

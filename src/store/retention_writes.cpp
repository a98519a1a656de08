#include "store/retention_writes.h"

#include <fmt/format.h>

#include "store/execution_store.h"

namespace punkt::store {
namespace {

Result<void> without_count(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

struct OldTask {
    Id organization = 0;
    Surface surface = Surface::native;
    bool may_go = false;  // a schedule that lives is never over
};

Result<OldTask> find(db::Connection& connection, Id task) {
    OldTask found;
    auto done = connection.query("SELECT organization, surface, kind, deleted_at FROM task WHERE id = $1", {task},
                                 [&](const db::Row& row) {
                                     const bool is_once = row.as<TaskKind>(2) == TaskKind::once;
                                     found = {row.integer(0), row.as<Surface>(1), is_once || !row.is_null(3)};
                                 });
    if (!done) return done.error();
    return found;
}

}  // namespace

std::vector<Retention::Remainder> own_remainders() {
    return {{"task_version"},
            {"schedule"},
            {.table = "task_key", .has_rowid = false},
            {.table = "task_label", .has_rowid = false}};
}

Result<bool> is_over(db::Connection& connection, Id organization, Id task) {
    auto executions = db::query_number(connection,
                                       "SELECT EXISTS (SELECT 1 FROM execution WHERE id = $1) OR EXISTS (SELECT 1 FROM "
                                       "execution WHERE task = $1 AND id <> task)",
                                       {task});
    if (!executions) return executions.error();
    if (*executions != 0) return false;
    auto timers = timers_of_task(connection, organization, task);
    if (!timers) return timers.error();
    return timers->empty();
}

Result<void> delete_tasks_if_over(db::Connection& connection, const std::vector<Id>& tasks,
                                  const std::vector<Retention::Remainder>& remainders) {
    for (const Id id : tasks) {
        const auto task = find(connection, id);
        if (!task) return task.error();
        if (!task->may_go) continue;
        auto over = is_over(connection, task->organization, id);
        if (!over) return over.error();
        if (!*over) continue;
        for (const auto& remainder : remainders) {
            if (remainder.surface && remainder.surface != task->surface) continue;
            auto done = connection.execute(fmt::format("DELETE FROM {} WHERE task = $1", remainder.table), {id});
            if (!done) return done.error();
        }
        if (auto done = without_count(connection.execute("DELETE FROM task WHERE id = $1", {id})); !done) return done;
    }
    return {};
}

Result<void> delete_versions(db::Connection& connection, const std::vector<TaskVersion>& versions) {
    for (const auto& [task, number] : versions) {
        auto done = connection.execute("DELETE FROM task_version WHERE task = $1 AND version = $2", {task, number});
        if (!done) return done.error();
    }
    return {};
}

Result<void> delete_executions(db::Connection& connection, const std::vector<Id>& executions) {
    for (const Id id : executions)
        if (auto done = without_count(connection.execute("DELETE FROM execution WHERE id = $1", {id})); !done)
            return done;
    return {};
}

Result<void> delete_orphans(db::Connection& connection, const std::string& table, std::int64_t cursor,
                            std::int64_t until) {
    return without_count(connection.execute(
        fmt::format("DELETE FROM {} WHERE rowid > $1 AND rowid <= $2 AND NOT EXISTS (SELECT 1 FROM task WHERE "
                    "task.id = {}.task)",
                    table, table),
        {cursor, until}));
}

}  // namespace punkt::store

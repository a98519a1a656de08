#include "store/task_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/rows.h"

namespace punkt::store {
namespace {

Result<void> without_count(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

}  // namespace

Result<void> claim_key(db::Connection& connection, const Task& task, bool is_new) {
    if (!is_new)
        if (auto done = release_key(connection, task.id); !done) return done;
    if (task.key.empty()) return {};
    Id winner = 0;
    auto looked = connection.query("SELECT task FROM task_key WHERE organization = $1 AND key = $2",
                                   {task.organization, task.key}, [&](const db::Row& row) { winner = row.integer(0); });
    if (!looked) return looked.error();
    if (winner != 0)
        return Error{ErrorKind::conflict,
                     fmt::format("key has already been taken ('{}' is another task's)", task.key),
                     std::string(code_key_taken),
                     {{"key", "has already been taken"}, {"task_id", fmt::to_string(winner)}}};
    return without_count(connection.execute("INSERT INTO task_key (organization, key, task) VALUES ($1, $2, $3)",
                                            {task.organization, task.key, task.id}));
}

Result<void> release_key(db::Connection& connection, Id task) {
    return without_count(connection.execute("DELETE FROM task_key WHERE task = $1", {task}));
}

Result<std::vector<Task>> list_definitions(db::Connection& connection, Id organization, int limit) {
    std::vector<Task> tasks;
    Result<void> damaged;
    const auto take = [&](const db::Row& row) {
        auto task = read_task(row);
        if (task)
            tasks.push_back(std::move(*task));
        else
            damaged = task.error();
        return damaged.has_value();
    };
    auto done = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                 " FROM task WHERE organization = $1 AND deleted_at IS NULL AND kind = 1 AND surface = "
                                 "0 ORDER BY id LIMIT $2",
                                 {organization, limit}, take);
    if (done)
        done = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                " FROM task WHERE id IN (SELECT task FROM task_key WHERE organization = $1) AND "
                                "deleted_at IS NULL AND kind = 0 AND surface = 0 ORDER BY id LIMIT $2",
                                {organization, limit - static_cast<int>(tasks.size())}, take);
    if (!done) return done.error();
    if (!damaged) return damaged.error();
    std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.id < b.id; });
    return tasks;
}

}  // namespace punkt::store

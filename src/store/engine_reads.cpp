#include "store/engine_reads.h"

#include "base/log.h"
#include "store/rows.h"

namespace punkt::store {

Result<std::vector<TaskPtr>> read_tasks(db::Connection& connection, const std::vector<Id>& ids) {
    std::vector<TaskPtr> tasks;
    tasks.reserve(ids.size());
    auto done = connection.transaction([&]() -> Result<void> {
        for (const Id id : ids) {
            auto read = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                         ", (SELECT last_run_lost FROM schedule WHERE task = id) FROM task WHERE id = "
                                         "$1 AND deleted_at IS NULL",
                                         {id}, [&](const db::Row& row) {
                                             auto task = read_task(row);
                                             if (!task) return log::error("{}", task.error().message);
                                             if (!row.is_null(16)) task->last_run_lost = row.flag(16);
                                             tasks.push_back(std::make_shared<const Task>(std::move(*task)));
                                         });
            if (!read) return read;
        }
        return {};
    });
    if (!done) return done.error();
    return tasks;
}

Result<std::vector<Timer>> read_timers(db::Connection& connection, Hour from, Hour until) {
    std::vector<Timer> timers;
    const auto take = [&](const db::Row& row) { timers.push_back(read_timer(row)); };
    auto done = connection.transaction([&]() -> Result<void> {
        auto near = connection.query("SELECT " PUNKT_TIMER_COLUMNS
                                     " FROM timer WHERE shard = 0 AND due_hour >= $1 AND due_hour < $2",
                                     {from, until}, take);
        if (!near || from > 0) return near;
        // Retries that hold others back, however late. Found through timer_id: far first attempts are not looked at.
        return connection.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer WHERE id > 0 AND " PUNKT_TIMER_INDEXED
                                " AND +shard = 0 AND +due_hour >= $1 AND attempt > 1 AND "
                                "(lane <> 0 OR task IN (SELECT task FROM schedule))",
                                {until}, take);
    });
    if (!done) return done.error();
    return timers;
}

}  // namespace punkt::store

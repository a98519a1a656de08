#include "store/task_writes.h"

#include "store/rows.h"

namespace punkt::store {

Result<void> InsertTasks::apply(db::Connection& connection) {
    for (const auto& [task, timer] : tasks_) {
        if (auto done = insert_task(connection, *task); !done) return done;
        if (task->kind == TaskKind::cron) {
            auto done = connection.execute("INSERT INTO schedule (task, organization, next_run_at) VALUES ($1, $2, $3)",
                                           {task->id, task->organization, task->next_run_at});
            if (!done) return done.error();
        }
        if (!timer) continue;
        if (auto done = insert_timer(connection, *timer); !done) return done;
    }
    return {};
}

void InsertTasks::announce(Announcements& announcements) {
    for (const auto& [task, timer] : tasks_)
        if (timer) announcements.armed(*timer, task);
}

}  // namespace punkt::store

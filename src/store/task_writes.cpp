#include "store/task_writes.h"

#include "store/rows.h"

namespace punkt::store {
namespace {

/// The key of a first attempt is computed from the task's row (migration 0001, table timer).
bool can_be_found(const Task& task, const Timer& timer) {
    const bool by_key = timer.id == task.id && timer.kind == Timer::Kind::run && timer.due == timer.scheduled_for;
    return !by_key || (task.scheduled_at && hour_of(*task.scheduled_at) == hour_of(timer.due));
}

}  // namespace

Result<void> insert_new_task(db::Connection& connection, const NewTask& given) {
    const auto& [task, timer] = given;
    if (auto done = insert_task(connection, *task); !done) return done;
    if (task->kind == TaskKind::cron) {
        auto done = connection.execute("INSERT INTO schedule (task, organization, next_run_at) VALUES ($1, $2, $3)",
                                       {task->id, task->organization, task->next_run_at});
        if (!done) return done.error();
    }
    if (!timer) return {};
    if (!can_be_found(*task, *timer))
        return Error{.message = "the first attempt of a one-time task is due at its scheduled time"};
    return insert_timer(connection, *timer);
}

Result<void> InsertTasks::apply(db::Connection& connection) {
    for (const NewTask& task : tasks_)
        if (auto done = insert_new_task(connection, task); !done) return done;
    return {};
}

void InsertTasks::tell(Journal& journal) const {
    for (const auto& [task, timer] : tasks_)
        if (journal.wants(task->organization)) journal.happened(about_task(EventType::task_created, *task));
}

void add_to(Demand& demand, const NewTask& one, Timestamp month_end) {
    const auto& [task, timer] = one;
    if (task->purpose != Purpose::user) return;
    demand.organization = task->organization;
    if (task->kind == TaskKind::cron) demand.schedules.push_back(task.get());
    if (timer && timer->kind == Timer::Kind::run && timer->due < month_end) ++demand.runs;
}

Demand InsertTasks::demand(Timestamp month_end) const {
    Demand demand;
    for (const NewTask& one : tasks_) add_to(demand, one, month_end);
    return demand;
}

void InsertTasks::announce(Announcements& announcements) {
    for (const auto& [task, timer] : tasks_)
        if (timer) announcements.armed(*timer, task);
}

}  // namespace punkt::store

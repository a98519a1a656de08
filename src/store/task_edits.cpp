#include "store/task_edits.h"

#include <algorithm>

#include "base/check.h"
#include "core/arming.h"
#include "store/execution_store.h"
#include "store/rows.h"
#include "store/task_keys.h"
#include "store/task_list.h"

namespace punkt::store {
namespace {

const Error no_task{.kind = ErrorKind::not_found, .message = "there is no such task"};
const Error no_execution{.kind = ErrorKind::not_found, .message = "there is no such execution"};

Result<void> without_count(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

enum class Deleted { is_gone, is_there };

Result<StoredTask> find_stored(db::Connection& connection, Id organization, Id task,
                               Deleted deleted = Deleted::is_gone) {
    std::optional<StoredTask> found;
    auto done = connection.query(
        "SELECT version, kind, surface, queue, name FROM task "
        "WHERE id = $1 AND organization = $2 AND (deleted_at IS NULL OR $3 = 1)",
        {task, organization, deleted}, [&](const db::Row& row) {
            found =
                StoredTask{task, row.number(0), row.as<TaskKind>(1), row.as<Surface>(2), row.string(3), row.string(4)};
        });
    if (!done) return done.error();
    if (!found) return no_task;
    return *found;
}

Result<Timer> find_pending(db::Connection& connection, Id organization, Id execution) {
    auto timer = find_timer(connection, organization, execution);
    if (!timer) return timer.error();
    if (*timer) return **timer;
    auto ended = db::query_number(connection, "SELECT count(*) FROM execution WHERE id = $1 AND organization = $2",
                                  {execution, organization});
    if (!ended) return ended.error();
    if (*ended == 0) return no_execution;
    return Error{.kind = ErrorKind::conflict, .message = "the execution has ended already"};
}

Happening about(const StoredTask& task, Id organization, EventType type) {
    return {.type = type,
            .organization = organization,
            .task = task.id,
            .is_system = task.surface == Surface::system,
            .queue = task.queue,
            .name = task.name};
}

/// A one-time task that has more than one run has a last one to be compared with, like a cron task; from now on
/// outcomes keep it (record_write.cpp). An attempt whose retry waits says nothing about its run.
Result<void> remember_last_run(db::Connection& connection, Id organization, Id task) {
    std::optional<Timestamp> at;
    std::optional<Status> status;
    std::optional<bool> is_lost;
    const auto take = [&](const db::Row& row) {
        at = row.optional_timestamp(0);
        status = row.as<Status>(1);
        if (status != Status::missed && status != Status::cancelled && row.is_null(2))
            is_lost = status != Status::success;
    };
    auto done = connection.query(
        "SELECT finished_at, status, next FROM execution WHERE task = $1 AND id <> task ORDER BY id DESC LIMIT 1",
        {task}, take);
    if (done && !status)
        done = connection.query("SELECT finished_at, status, next FROM execution WHERE id = $1", {task}, take);
    if (!done) return done;
    return without_count(
        connection.execute("INSERT INTO schedule (task, organization, last_execution_at, last_status, last_run_lost) "
                           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (task) DO NOTHING",
                           {task, organization, at, status, is_lost}));
}

Result<void> must_remove(db::Connection& connection, const Timer& timer) {
    auto removed = remove_timer(connection, timer);
    if (!removed) return removed.error();
    check(*removed, "a timer that was just read can be removed");
    return {};
}

}  // namespace

Result<void> UpdateTask::apply(db::Connection& connection) {
    const Task& task = *update_.task;
    gone_.clear();
    now_.clear();
    auto stored = find_stored(connection, task.organization, task.id);
    if (!stored) return stored.error();
    if (stored->version + 1 != task.version)
        return Error{.kind = ErrorKind::conflict, .message = "the task was changed by somebody else meanwhile"};
    // The timers are found through the row, so before it changes.
    auto timers = timers_of_task(connection, task.organization, task.id);
    if (!timers) return timers.error();
    if (auto done = keep_version(connection, task.id, task.updated_at); !done) return done;
    if (auto done = replace_task(connection, task); !done) return done;
    const bool was_cron = stored->kind == TaskKind::cron;
    if (auto done = keep_schedule(connection, was_cron); !done) return done;
    return move_timers(connection, std::move(*timers), was_cron);
}

Result<void> UpdateTask::keep_schedule(db::Connection& connection, bool was_cron) {
    const Task& task = *update_.task;
    if (task.kind == TaskKind::once)
        return was_cron ? without_count(connection.execute("DELETE FROM schedule WHERE task = $1", {task.id}))
                        : Result<void>();
    if (was_cron)
        return without_count(
            connection.execute("UPDATE schedule SET next_run_at = $2 WHERE task = $1", {task.id, task.next_run_at}));
    auto last = last_run(connection, task.id, TaskKind::once);
    if (!last) return last.error();
    const auto at = *last ? std::optional((*last)->at) : std::nullopt;
    const auto status = *last ? std::optional((*last)->status) : std::nullopt;
    return without_count(connection.execute(
        "INSERT INTO schedule (task, organization, next_run_at, last_execution_at, last_status) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (task) DO UPDATE SET next_run_at = excluded.next_run_at",
        {task.id, task.organization, task.next_run_at, at, status}));
}

/// 1. Beats go; a one-time task's scheduled run moves, or goes when the task became a cron task. 2. Others follow the
/// queue and the priority. 3. What nothing was moved to is added.
Result<void> UpdateTask::move_timers(db::Connection& connection, std::vector<Timer> stored, bool was_cron) {
    const Task& task = *update_.task;
    const bool is_cron = task.kind == TaskKind::cron;
    const Lane lane = lane_of(task);
    std::optional<Timer> to_add = update_.timer;
    for (const Timer& timer : stored) {
        if (std::find(update_.running.begin(), update_.running.end(), timer.id) != update_.running.end() &&
            timer.kind == Timer::Kind::run)
            continue;
        const bool is_scheduled_run =
            timer.kind == Timer::Kind::run && timer.cause == Cause::create && timer.attempt == 1 && !was_cron;
        std::optional<Timer> after = timer;
        after->lane = lane;
        after->priority = task.priority;
        if (timer.kind == Timer::Kind::beat || (is_scheduled_run && is_cron)) {
            after.reset();
        } else if (is_scheduled_run && to_add) {
            after->due = to_add->due;
            after->scheduled_for = to_add->scheduled_for;
            to_add.reset();
        }
        if (after == timer) continue;
        if (auto done = must_remove(connection, timer); !done) return done;
        gone_.push_back(timer);
        if (!after) continue;
        if (auto done = insert_timer(connection, *after); !done) return done;
        now_.push_back(*after);
    }
    if (!to_add) return {};
    now_.push_back(*to_add);
    if (!is_cron)
        if (auto done = remember_last_run(connection, task.organization, task.id); !done) return done;
    return insert_timer(connection, *to_add);
}

void UpdateTask::tell(Journal& journal) const {
    if (!journal.wants(update_.task->organization)) return;
    journal.happened(about_task(EventType::task_updated, *update_.task));
}

void UpdateTask::announce(Announcements& announcements) {
    std::vector<Armed> now;
    now.reserve(now_.size());
    for (const Timer& timer : now_) now.push_back({timer, update_.task});
    announcements.changed(update_.task->id, std::move(gone_), std::move(now));
}

Result<void> DeleteTasks::apply(db::Connection& connection) {
    gone_.clear();
    for (const Id task : tasks_) {
        auto stored = find_stored(connection, organization_, task);
        if (!stored && stored.error().kind == ErrorKind::not_found && tasks_.size() > 1) continue;
        if (!stored) return stored.error();
        auto timers = timers_of_task(connection, organization_, task);
        if (!timers) return timers.error();
        for (const Timer& timer : *timers)
            if (auto done = must_remove(connection, timer); !done) return done;
        auto done = connection.execute("UPDATE task SET deleted_at = $2, updated_at = $2, enabled = 0 WHERE id = $1",
                                       {task, now_});
        if (done && stored->kind == TaskKind::cron)
            done = connection.execute("UPDATE schedule SET next_run_at = NULL WHERE task = $1", {task});
        if (!done) return done.error();
        if (auto released = release_key(connection, task); !released) return released;
        gone_.push_back({std::move(*stored), std::move(*timers)});
    }
    return {};
}

void DeleteTasks::tell(Journal& journal) const {
    if (!journal.wants(organization_)) return;
    for (const Gone& gone : gone_) journal.happened(about(gone.task, organization_, EventType::task_deleted));
}

void DeleteTasks::announce(Announcements& announcements) {
    for (auto& [task, timers] : gone_) announcements.changed(task.id, std::move(timers), {});
}

Result<void> ArmTimer::apply(db::Connection& connection) {
    auto stored = find_stored(connection, timer_.organization, timer_.task);
    if (!stored) return stored.error();
    if (stored->kind == TaskKind::once)
        if (auto done = remember_last_run(connection, timer_.organization, timer_.task); !done) return done;
    return insert_timer(connection, timer_);
}

Result<void> CancelExecution::apply(db::Connection& connection) {
    auto timer = find_pending(connection, organization_, execution_);
    if (!timer) return timer.error();
    gone_ = *timer;
    if (auto done = must_remove(connection, gone_); !done) return done;
    auto task = find_stored(connection, organization_, gone_.task, Deleted::is_there);
    if (!task) return task.error();
    task_ = std::move(*task);
    record_ = unsent(gone_, task_.version, Status::cancelled, now_);
    return insert_execution(connection, record_);
}

void CancelExecution::tell(Journal& journal) const {
    if (!journal.wants(organization_)) return;
    Happening happening = about(task_, organization_, EventType::execution_cancelled);
    happening.execution = record_.id;
    happening.record = &record_;
    journal.happened(happening);
}

Result<void> PromoteExecution::apply(db::Connection& connection) {
    auto timer = find_pending(connection, organization_, execution_);
    if (!timer) return timer.error();
    before_ = after_ = *timer;
    if (before_.due <= now_) return {};  // due already: it only waits for its turn
    after_.due = now_;
    if (auto done = must_remove(connection, before_); !done) return done;
    return insert_timer(connection, after_);
}

}  // namespace punkt::store

#include "testing/store_contract.h"

namespace punkt::testing {

using store::hour_of;

Task StoreContract::a_task(TaskKind kind) {
    Task task;
    task.id = ids.next(noon);
    task.organization = organization;
    task.kind = kind;
    task.name = "a task";
    task.url = "http://example.test/hook";
    task.body = "{}";
    task.created_at = task.updated_at = noon;
    if (kind == TaskKind::once) task.scheduled_at = noon;
    if (kind == TaskKind::cron) task.next_run_at = noon;
    return task;
}

Timer StoreContract::first_attempt(const Task& task, Timestamp due) {
    return {.id = task.id,
            .task = task.id,
            .organization = organization,
            .first = task.id,
            .due = due,
            .scheduled_for = due,
            .lane = lane_of(organization, task.queue)};
}

Timer StoreContract::beat(const Task& task, Timestamp due) {
    Timer timer = first_attempt(task, due);
    timer.kind = Timer::Kind::beat;
    timer.cause = Cause::schedule;
    return timer;
}

Timer StoreContract::run_of(const Task& task, Timestamp due) {
    Timer timer = first_attempt(task, due);
    timer.id = timer.first = ids.next(noon);
    timer.cause = Cause::schedule;
    return timer;
}

Execution StoreContract::outcome(const Timer& timer, Status status) {
    return {.id = timer.id,
            .task = timer.task,
            .organization = timer.organization,
            .first = timer.first,
            .attempt = timer.attempt,
            .cause = timer.cause,
            .status = status,
            .scheduled_for = timer.scheduled_for,
            .started_at = timer.due,
            .finished_at = timer.due + Milliseconds{5}};
}

TaskPtr StoreContract::insert(Task task, std::optional<Timer> timer) {
    auto shared = std::make_shared<const Task>(std::move(task));
    auto done = store.write([&](store::Done finished) {
        return std::make_unique<store::InsertTasks>(store::NewTask{shared, timer}, std::move(finished));
    });
    EXPECT_TRUE(done) << done.error().message;
    return shared;
}

TaskPtr StoreContract::insert_finished(Task task, Timestamp finished_at, Status status) {
    const Timer timer = task.kind == TaskKind::once ? first_attempt(task) : run_of(task);
    auto shared = insert(std::move(task), timer);
    Execution execution = outcome(timer, status);
    execution.finished_at = finished_at;
    EXPECT_TRUE(store.record({.timer = timer, .record = execution}));
    return shared;
}

std::vector<Timer> StoreContract::stored_timers() {
    store.engine_store().load_timers(0, hour_of(noon) + 1'000'000);
    auto timers = store.events().wait_for_timers();
    EXPECT_TRUE(timers);
    return *timers;
}

std::optional<Execution> StoreContract::stored_execution(Id id) {
    auto found = store::find_execution(store.reader(), organization, id);
    EXPECT_TRUE(found);
    return *found;
}

}  // namespace punkt::testing

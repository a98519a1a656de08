// What the engine is promised: engine_store.h.
#include "store/sql_engine_store.h"

#include "store/task_writes.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

class EngineStoreContract : public testing::StoreContract {};
PUNKT_ON_EVERY_STORE(EngineStoreContract);

TEST_P(EngineStoreContract, a_committed_task_is_announced_with_its_timer_and_its_content) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const auto armed = store.events().take_armed();
    ASSERT_EQ(armed.size(), 1u);
    EXPECT_EQ(armed[0].timer, first_attempt(task));
    EXPECT_EQ(armed[0].task->id, task.id);
}

TEST_P(EngineStoreContract, a_first_attempt_that_could_not_be_found_again_is_refused) {
    Task task = a_task();
    task.scheduled_at.reset();
    auto done = store.write([&](Done finished) {
        return std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task), first_attempt(task)},
                                             std::move(finished));
    });
    EXPECT_FALSE(done);
    EXPECT_TRUE(stored_timers().empty());
}

TEST_P(EngineStoreContract, tasks_and_timers_survive_a_restart) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    store.restart();
    EXPECT_EQ(stored_timers(), std::vector{first_attempt(task)});
    store.engine_store().load_tasks({task.id, task.id + 1});
    const auto loaded = store.events().wait_for_loaded();
    ASSERT_EQ(loaded.size(), 1u);
    EXPECT_EQ(loaded[0]->url, task.url);
    EXPECT_EQ(loaded[0]->body, task.body);
    EXPECT_EQ(store.folder().greatest_id(), task.id);
}

TEST_P(EngineStoreContract, timers_are_loaded_by_hour) {
    const Task soon = a_task();
    Task later = a_task();
    later.scheduled_at = noon + std::chrono::hours{3};
    insert(soon, first_attempt(soon));
    insert(later, first_attempt(later, noon + std::chrono::hours{3}));
    store.engine_store().load_timers(0, hour_of(noon) + 1);
    EXPECT_EQ(*store.events().wait_for_timers(), std::vector{first_attempt(soon)});
    store.engine_store().load_timers(hour_of(noon) + 1, hour_of(noon) + 4);
    EXPECT_EQ(store.events().wait_for_timers()->size(), 1u);
    store.engine_store().load_timers(hour_of(noon) + 4, hour_of(noon) + 5);
    EXPECT_TRUE(store.events().wait_for_timers()->empty());
}

TEST_P(EngineStoreContract, once_it_is_stopped_nothing_more_reaches_the_engine) {
    store.engine_store().load_timers(0, 1);
    store.writer().stop();
    store.engine_store().stop();
    store.events().take_timers();
    constexpr Hour hours = 5'000;  // so many that a thread which still ran would answer one
    for (Hour hour = 0; hour < hours; ++hour) store.engine_store().load_timers(hour, hour + 1);
    store.stop();
    EXPECT_TRUE(store.events().take_timers().empty());
}

TEST_P(EngineStoreContract, the_first_load_brings_late_retries_that_hold_others_back) {
    const Task once = a_task();
    const Task cron = a_task(TaskKind::cron);
    insert(once, std::nullopt);
    insert(cron, beat(cron, noon + std::chrono::hours{9}));
    const Timestamp late = noon + std::chrono::hours{5};
    const Timer first = first_attempt(once);
    Timer in_lane = run_of(once, late);
    in_lane.attempt = 2;
    in_lane.lane = lane_of(organization, "mail");
    Timer free = run_of(once, late);
    free.attempt = 2;
    Timer of_cron = run_of(cron, late);
    of_cron.attempt = 2;
    insert(a_task(), first);
    ASSERT_TRUE(store.record({.timer = first, .arm = {in_lane, free, of_cron}}));
    store.engine_store().load_timers(0, hour_of(noon) + 1);
    EXPECT_EQ(*store.events().wait_for_timers(), (std::vector{in_lane, of_cron}));
    store.engine_store().load_timers(1, hour_of(noon) + 1);
    EXPECT_TRUE(store.events().wait_for_timers()->empty());
}

TEST_P(EngineStoreContract, an_outcome_replaces_its_timer) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    Execution execution = outcome(timer);
    execution.status_code = 204;
    execution.deliveries = 2;
    execution.address = "192.0.2.1:80";
    execution.timings = {.dns_us = 10, .first_byte_us = 900, .total_us = 1'000};
    execution.request_head = "POST /hook HTTP/1.1\r\n";
    execution.response_head = "HTTP/1.1 204 No Content\r\n";
    execution.response_body = std::string("\0x", 2);
    const auto stale = store.record({.timer = timer, .record = execution});
    ASSERT_TRUE(stale);
    EXPECT_TRUE(stale->empty());
    EXPECT_TRUE(stored_timers().empty());
    const auto stored = stored_execution(timer.id);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->status_code, 204);
    EXPECT_EQ(stored->deliveries, 2);
    EXPECT_EQ(stored->address, execution.address);
    EXPECT_EQ(stored->timings.dns_us, 10);
    EXPECT_EQ(stored->timings.tls_us, std::nullopt);
    EXPECT_EQ(stored->timings.total_us, 1'000);
    EXPECT_EQ(stored->request_head, execution.request_head);
    EXPECT_EQ(stored->response_body, execution.response_body);
    EXPECT_EQ(stored->first, timer.id);
    EXPECT_EQ(stored->next, 0);
}

TEST_P(EngineStoreContract, a_failure_arms_its_retry_in_the_same_transaction) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    Timer retry = run_of(task, noon + Milliseconds{20'000});
    retry.first = timer.id;
    retry.attempt = 2;
    retry.cause = Cause::retry;
    Execution execution = outcome(timer, Status::failed);
    execution.next = retry.id;
    execution.next_at = retry.due;
    ASSERT_TRUE(store.record({.timer = timer, .arm = {retry}, .record = execution}));
    EXPECT_EQ(stored_timers(), std::vector{retry});
    EXPECT_EQ(stored_execution(timer.id)->next, retry.id);
}

TEST_P(EngineStoreContract, a_timer_armed_again_at_another_time_has_moved) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    Timer moved = timer;
    moved.due += std::chrono::hours{2};
    ASSERT_TRUE(store.record({.timer = timer, .arm = {moved}}));
    EXPECT_EQ(stored_timers(), std::vector{moved});
}

TEST_P(EngineStoreContract, without_its_timer_an_outcome_is_kept_but_has_no_consequences) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    const Timer run = run_of(task);  // never stored
    const auto stale = store.record({.timer = run,
                                     .arm = {run_of(task, noon + std::chrono::hours{1})},
                                     .record = outcome(run),
                                     .missed = {outcome(run_of(task), Status::missed)},
                                     .next_run_at = std::optional(noon + std::chrono::hours{5})});
    ASSERT_TRUE(stale);
    EXPECT_EQ(*stale, std::vector<std::size_t>{0});
    EXPECT_TRUE(stored_execution(run.id));
    EXPECT_EQ(stored_timers(), std::vector{beat(task)});
    EXPECT_EQ(number("SELECT count(*) FROM execution WHERE task = $1", task.id), 1);
    EXPECT_EQ(number("SELECT next_run_at FROM schedule WHERE task = $1", task.id), to_ms(noon));
}

TEST_P(EngineStoreContract, a_moved_timer_is_another_one) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    Timer moved = timer;
    moved.due += Milliseconds{1};  // the same hour, the same id
    insert(task, moved);
    const auto stale = store.record({.timer = timer, .record = outcome(timer)});
    EXPECT_EQ(*stale, std::vector<std::size_t>{0});
    EXPECT_EQ(stored_timers(), std::vector{moved});
    // The moved one runs too; its outcome replaces the first.
    ASSERT_TRUE(store.record({.timer = moved, .record = outcome(moved, Status::failed)}));
    EXPECT_EQ(stored_execution(timer.id)->status, Status::failed);
    EXPECT_TRUE(stored_timers().empty());
}

TEST_P(EngineStoreContract, a_beat_arms_runs_and_itself_and_the_schedule_follows) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    const Timestamp next = noon + Milliseconds{60'000};
    const Timer run = run_of(task);
    const Execution missed = outcome(run_of(task, noon - Milliseconds{60'000}), Status::missed);
    ASSERT_TRUE(store.record(
        {.timer = beat(task), .arm = {run, beat(task, next)}, .missed = {missed}, .next_run_at = std::optional(next)}));
    EXPECT_EQ(stored_timers().size(), 2u);
    EXPECT_EQ(number("SELECT next_run_at FROM schedule WHERE task = $1", task.id), to_ms(next));
    EXPECT_EQ(number("SELECT last_status FROM schedule WHERE task = $1", task.id), static_cast<int>(Status::missed));
    ASSERT_TRUE(store.record({.timer = run, .record = outcome(run)}));
    EXPECT_EQ(number("SELECT last_status FROM schedule WHERE task = $1", task.id), static_cast<int>(Status::success));
    // The last instant of all.
    ASSERT_TRUE(store.record(
        {.timer = beat(task, next), .next_run_at = std::optional<std::optional<Timestamp>>(std::in_place)}));
    EXPECT_EQ(number("SELECT next_run_at IS NULL FROM schedule WHERE task = $1", task.id), 1);
    EXPECT_TRUE(stored_timers().empty());
}

TEST_P(EngineStoreContract, deliveries_are_counted_across_restarts) {
    EXPECT_EQ(store.engine_store().started(11), 1);
    EXPECT_EQ(store.engine_store().started(12), 1);
    store.engine_store().ended(12);
    store.restart();
    EXPECT_EQ(store.engine_store().started(11), 2);
    EXPECT_EQ(store.engine_store().started(12), 1);
}

TEST_P(EngineStoreContract, a_flight_whose_outcome_is_on_disk_is_forgotten) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    EXPECT_EQ(store.engine_store().started(timer.id), 1);
    ASSERT_TRUE(store.record({.timer = timer, .record = outcome(timer)}));
    store.restart();  // ended() was never called
    EXPECT_EQ(store.engine_store().started(timer.id), 1);
}

TEST_P(EngineStoreContract, one_bad_task_does_not_take_its_batch_with_it) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const Task other = a_task();
    std::promise<Result<void>> again;
    std::promise<Result<void>> fresh;
    store.writer().submit(std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task)},
                                                        [&](Result<void> r) { again.set_value(r); }));
    store.writer().submit(std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(other)},
                                                        [&](Result<void> r) { fresh.set_value(r); }));
    EXPECT_EQ(again.get_future().get().error().kind, ErrorKind::conflict);
    EXPECT_TRUE(fresh.get_future().get());
}

}  // namespace
}  // namespace punkt::store

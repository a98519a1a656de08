// What an outcome causes is written with it, or not at all: engine_store.h, Transition.
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

class FollowUpContract : public testing::StoreContract {
  protected:
    Armed follow_up(Id parent) {
        Task task = a_task();
        task.surface = Surface::system;
        task.purpose = Purpose::callback;
        task.parent = parent;
        return {first_attempt(task), std::make_shared<const Task>(task)};
    }
    std::int64_t count(std::string_view sql) { return *db::query_number(store.reader(), sql, {}); }
};
PUNKT_ON_EVERY_STORE(FollowUpContract);

TEST_P(FollowUpContract, are_stored_with_the_outcome_and_found_by_their_cause) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const Armed caused = follow_up(task.id);
    ASSERT_TRUE(store.record({.timer = first_attempt(task),
                              .record = outcome(first_attempt(task), Status::failed),
                              .follow_ups = {caused},
                              .dead_letter = DeadLetter{.host = "target.test"}}));
    EXPECT_EQ(stored_timers(), std::vector{caused.timer});
    const auto stored = find_task(store.reader(), organization, caused.task->id);
    ASSERT_TRUE(stored && *stored);
    EXPECT_EQ((*stored)->parent, task.id);
    EXPECT_EQ((*stored)->purpose, Purpose::callback);
    EXPECT_EQ(number("SELECT count(*) FROM dead_letter WHERE execution = $1 AND host = 'target.test'", task.id), 1);
}

TEST_P(FollowUpContract, nothing_follows_when_the_timer_is_gone) {
    const Task task = a_task();
    insert(task, std::nullopt);
    const auto stale = store.record({.timer = first_attempt(task),
                                     .record = outcome(first_attempt(task), Status::failed),
                                     .follow_ups = {follow_up(task.id)},
                                     .dead_letter = DeadLetter{.host = "target.test"}});
    ASSERT_TRUE(stale);
    EXPECT_EQ(*stale, (std::vector<std::size_t>{0}));
    EXPECT_TRUE(stored_timers().empty());
    EXPECT_EQ(count("SELECT count(*) FROM task WHERE surface = 3"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter"), 0);
}

TEST_P(FollowUpContract, lists_hide_them_unless_they_are_asked_for) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const Armed caused = follow_up(task.id);
    ASSERT_TRUE(
        store.record({.timer = first_attempt(task), .record = outcome(first_attempt(task)), .follow_ups = {caused}}));
    for (const auto order : {TaskQuery::Order::latest_run, TaskQuery::Order::newest}) {
        const auto users = list_tasks(store.reader(), organization, {.order = order});
        ASSERT_EQ(users->tasks.size(), 1u);
        EXPECT_EQ(users->tasks[0].id, task.id);
        const auto caused_ones = list_tasks(store.reader(), organization, {.system_only = true, .order = order});
        ASSERT_EQ(caused_ones->tasks.size(), 1u);
        EXPECT_EQ(caused_ones->tasks[0].id, caused.task->id);
    }
    const auto with = [&](Purpose purpose) {
        return list_tasks(store.reader(), organization, {.system_only = true, .purpose = purpose})->tasks.size();
    };
    EXPECT_EQ(with(Purpose::callback), 1u);
    EXPECT_EQ(with(Purpose::on_failure), 0u);
    EXPECT_EQ(*count_tasks(store.reader(), organization), 1);
}

TEST_P(FollowUpContract, the_engine_is_told_how_the_last_run_ended) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    const auto last_run_lost = [&] {
        store.engine_store().load_tasks({task.id});
        return store.events().wait_for_loaded().at(0)->last_run_lost;
    };
    EXPECT_EQ(last_run_lost(), std::nullopt);
    const auto run = [&](Status status, bool retry_follows = false) {
        const Timer timer = run_of(task);
        ASSERT_TRUE(store.record({.timer = beat(task), .arm = {beat(task), timer}}));
        Execution record = outcome(timer, status);
        if (retry_follows) record.next = timer.id + 1;
        ASSERT_TRUE(store.record({.timer = timer, .record = record}));
    };
    run(Status::failed, true);
    EXPECT_EQ(last_run_lost(), std::nullopt);
    run(Status::timeout);
    EXPECT_EQ(last_run_lost(), true);
    run(Status::missed);
    EXPECT_EQ(last_run_lost(), true);
    run(Status::success);
    EXPECT_EQ(last_run_lost(), false);
}

TEST_P(FollowUpContract, a_one_time_task_that_runs_again_has_a_last_run) {
    const TaskPtr task = insert_finished(a_task(), noon, Status::failed);
    const Timer again = run_of(*task);
    ASSERT_TRUE(store.write([&](Done done) { return std::make_unique<ArmTimer>(again, std::move(done)); }));
    store.engine_store().load_tasks({task->id});
    EXPECT_EQ(store.events().wait_for_loaded().at(0)->last_run_lost, true);
}

TEST_P(FollowUpContract, an_attempt_whose_retry_waits_says_nothing_about_its_run) {
    const Task task = a_task();
    const Timer first = first_attempt(task);
    insert(task, first);
    Execution record = outcome(first, Status::failed);
    Timer retry = run_of(task);
    retry.first = task.id;
    record.next = retry.id;
    ASSERT_TRUE(store.record({.timer = first, .arm = {retry}, .record = record}));
    const Timer triggered = run_of(task);
    ASSERT_TRUE(store.write([&](Done done) { return std::make_unique<ArmTimer>(triggered, std::move(done)); }));
    const auto last_run_lost = [&] {
        store.engine_store().load_tasks({task.id});
        return store.events().wait_for_loaded().at(0)->last_run_lost;
    };
    EXPECT_EQ(last_run_lost(), std::nullopt);
    ASSERT_TRUE(store.record({.timer = retry, .record = outcome(retry, Status::failed)}));
    EXPECT_EQ(last_run_lost(), true);
}

TEST_P(FollowUpContract, a_dead_letter_goes_with_its_execution) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    ASSERT_TRUE(store.record({.timer = first_attempt(task),
                              .record = outcome(first_attempt(task), Status::expired),
                              .dead_letter = DeadLetter{.host = "target.test"}}));
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter"), 1);
    ASSERT_TRUE(store.write([&](Done done) {
        return make_write(
            [&](db::Connection& connection) -> Result<void> {
                auto deleted = connection.execute("DELETE FROM execution WHERE id = $1", {task.id});
                return deleted ? Result<void>() : Result<void>(deleted.error());
            },
            std::move(done));
    }));
    EXPECT_EQ(count("SELECT count(*) FROM dead_letter"), 0);
}

}  // namespace
}  // namespace punkt::store

// What the API changes while the engine works: cancel, move, edit, delete; and reads that are overtaken by it.
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;

TEST(EngineChange, a_promoted_retry_does_not_let_its_serial_queue_overtake_it) {
    EngineHouse house;
    house.transport().when("/1").answers(500).times(1);
    house.add({.url = "http://t.test/1", .retries = 1, .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(1s);
    const Id retry = house.disk.timers.rbegin()->first;
    ASSERT_EQ(house.disk.timers.at(retry).attempt, 2);
    house.store().promote(retry, house.clock.now());
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "1", "2"}));
}

TEST(EngineChange, a_retry_that_moves_to_another_queue_holds_that_one) {
    EngineHouse house;
    house.transport().when("/1").answers(500).times(1);
    const Id head = house.add({.url = "http://t.test/1", .retries = 1, .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(1s);
    Timer retry = house.disk.timers.rbegin()->second;
    retry.lane = lane_of(1, "other");
    house.store().update(house.disk.tasks.at(head), retry);
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
    house.add({.url = "http://t.test/3", .queue = "other"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent().size(), 2u);
    house.run_for(1min);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2", "1", "3"}));
}

TEST(EngineChange, a_deleted_task_starts_nothing_and_is_not_retried) {
    EngineHouse house;
    house.transport().when("/out").answers(500).after(5s);
    const Id waiting = house.add({.due = house.clock.now() + 10s});
    const Id out = house.add({.url = "http://t.test/out", .retries = 3});
    house.run_for(1s);
    house.store().remove(waiting, house.clock.now());
    house.store().remove(out, house.clock.now());
    house.run_for(5min);
    EXPECT_EQ(house.transport().paths(), Paths{"out"});
    EXPECT_EQ(house.statuses(out), std::vector{Status::failed});
    EXPECT_TRUE(house.disk.timers.empty());
    EXPECT_TRUE(house.engine().is_drained());
}

TEST(EngineChange, a_deleted_retry_frees_its_serial_queue) {
    EngineHouse house;
    house.transport().when("/1").answers(500);
    const Id head = house.add({.url = "http://t.test/1", .retries = 3, .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(1s);
    house.store().remove(head, house.clock.now());
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
}

TEST(EngineChange, the_next_start_uses_the_edited_task) {
    EngineHouse house;
    const Id task = house.add({.url = "http://t.test/old", .cron = "* * * * *"});
    house.run_for(70s);
    Task edited = house.disk.tasks.at(task);
    edited.url = "http://t.test/new";
    house.store().update(edited, first_timer(edited));
    house.run_for(1min);
    EXPECT_EQ(house.transport().paths(), (Paths{"old", "new"}));
    EXPECT_EQ(house.disk.executions.rbegin()->second.task_version, 2);
}

// The read looks before the commit, its answer comes after.
TEST(EngineChange, a_task_that_was_read_before_its_edit_is_read_again) {
    EngineHouse house;
    const Id task = house.add({.url = "http://t.test/old", .due = house.clock.now() + 10s});
    house.run_for(1s);
    house.clock.advance(8s);
    house.engine().tick();  // wants the task
    ASSERT_EQ(house.store().unread(), 1u);
    house.store().read(0);
    Task edited = house.disk.tasks.at(task);
    edited.url = "http://t.test/new";
    house.store().update(edited, first_timer(edited));
    house.store().commit(1);
    house.store().tell();
    house.store().answer(0);
    house.run_for(10s);
    EXPECT_EQ(house.transport().paths(), Paths{"new"});
}

TEST(EngineChange, a_schedule_switched_off_and_on_while_its_beat_is_near_runs_once) {
    EngineHouse house;
    const Id task = house.add({.cron = "* * * * *"});
    house.run_for(1s);
    for (int i = 0; i < 3; ++i) {
        Task edited = house.disk.tasks.at(task);
        house.store().update(edited, std::nullopt);
        house.store().update(edited, first_timer(edited));
    }
    house.run_for(1min + 10s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineChange, an_edit_that_overtakes_the_planned_beat_wins) {
    EngineHouse house;
    const Id task = house.add({.cron = "* * * * *"});
    house.run_for(59s);
    Task edited = house.disk.tasks.at(task);
    edited.cron = "30 * * * *";
    edited.next_run_at = house.clock.now() + 29min + 1s;
    house.store().update(edited, first_timer(edited));  // queued before the engine records what it plans next
    house.clock.advance(1s);
    house.engine().tick();
    house.settle();
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(29min + 1s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(house.statuses(task).size(), 1u);
}

// Committed before the engine asks for the hour, told after the answer: known once.
TEST(EngineChange, a_timer_that_is_read_before_it_is_announced_starts_once) {
    EngineHouse house;
    house.add({});
    house.store().commit(1);
    house.engine().tick();
    while (house.store().unread() > 0) house.store().read(0);
    while (house.store().unanswered() > 0) house.store().answer(0);
    house.engine().tick();
    house.store().tell();
    house.run_for(10s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineChange, a_cancellation_during_the_first_read_is_not_undone_by_it) {
    EngineHouse house;
    const Id task = house.add({});
    house.store().commit(1);
    house.crash();
    house.engine().tick();
    house.store().read(0);
    house.store().cancel(task, house.clock.now());
    house.store().commit(1);
    house.store().tell();
    house.store().answer(0);
    house.run_for(10s);
    EXPECT_TRUE(house.transport().sent().empty());
}

}  // namespace
}  // namespace punkt::engine

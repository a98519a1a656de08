// A store that refuses and fails, and a clock that jumps.
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
const Error refused{.kind = ErrorKind::full, .message = "the disk is full"};
const Error unreadable{.kind = ErrorKind::unavailable, .message = "the disk sulks"};

TEST(EngineFault, an_outcome_that_the_store_refuses_is_offered_again) {
    EngineHouse house;
    const Id task = house.add({});
    house.store().settle();
    house.engine().tick();
    house.store().settle();
    house.engine().tick();
    house.transport().deliver();
    house.engine().tick();
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(house.store().unwritten(), 1u);
        house.store().refuse(1, refused);
        house.store().tell();
        house.engine().tick();
        EXPECT_EQ(house.store().unwritten(), 0u);
        house.clock.advance(1s);
        house.engine().tick();
    }
    EXPECT_FALSE(house.engine().is_drained());
    house.settle();
    EXPECT_EQ(house.execution(task).status, Status::success);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineFault, starts_nothing_new_while_too_many_outcomes_are_not_on_disk) {
    EngineHouse house({.recordings_out_max = 3});
    house.run_for(1s);
    for (int i = 0; i < 10; ++i) house.add({});
    house.store().commit(10);
    house.store().tell();
    for (int i = 0; i < 20; ++i) {
        house.engine().tick();
        house.transport().deliver();
    }
    EXPECT_LE(house.transport().sent().size(), 10u);
    const auto sent = house.transport().sent().size();
    house.add({});
    house.store().commit(0);
    house.engine().tick();
    EXPECT_EQ(house.transport().sent().size(), sent);
    house.run_for(1min);
    EXPECT_EQ(house.disk.executions.size(), 11u);
}

TEST(EngineFault, tasks_and_hours_that_cannot_be_read_are_read_later_and_nothing_is_dropped) {
    EngineHouse house;
    house.add({.due = house.clock.now() + 10min});
    house.run_for(1s);
    house.clock.advance(20min);
    house.crash();
    for (int i = 0; i < 3; ++i) {
        house.engine().tick();
        while (house.store().unread() > 0) house.store().read(0, unreadable);
        while (house.store().unanswered() > 0) house.store().answer(0);
        house.engine().tick();
        house.clock.advance(1s);
    }
    house.engine().tick();
    house.store().read(0);  // the hour
    house.store().answer(0);
    house.engine().tick();
    house.store().read(0, unreadable);  // the task
    house.store().answer(0);
    house.run_for(5s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(house.disk.executions.size(), 1u);
}

TEST(EngineFault, a_run_without_a_task_is_dropped_and_frees_its_queue) {
    EngineHouse house;
    const Id orphan = house.add({.url = "http://t.test/1", .due = house.clock.now() + 10s, .queue = "mail"});
    house.add({.url = "http://t.test/2", .due = house.clock.now() + 11s, .queue = "mail"});
    house.run_for(1s);
    house.disk.tasks.erase(orphan);
    house.run_for(20s);
    EXPECT_EQ(house.transport().paths(), std::vector<std::string>{"2"});
    EXPECT_TRUE(house.disk.timers.empty());
}

TEST(EngineFault, a_clock_that_jumps_ahead_starts_what_it_made_due_once) {
    EngineHouse house;
    house.add({.due = house.clock.now() + 30min});
    house.add({.due = house.clock.now() + 20h});
    const Id beat = house.add({.cron = "0 * * * *"});
    house.run_for(1s);
    house.clock.jump(1h);
    house.run_for(5s);
    EXPECT_EQ(house.transport().sent().size(), 2u);
    house.clock.jump(24h * 365 * 10);
    house.run_for(5s);
    EXPECT_GE(house.transport().sent().size(), 3u);
    EXPECT_EQ(house.disk.tasks.at(beat).next_run_at > house.clock.now(), true);
    EXPECT_TRUE(house.engine().is_drained());
}

TEST(EngineFault, after_a_jump_older_work_is_read_before_newer_work_starts) {
    EngineHouse house;
    house.add({.url = "http://t.test/old", .due = house.clock.now() + 5h, .queue = "mail"});
    house.run_for(1s);
    house.clock.jump(6h);
    house.add({.url = "http://t.test/new", .queue = "mail"});
    house.store().commit(1);
    house.store().tell();
    house.engine().tick();
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (std::vector<std::string>{"old", "new"}));
}

TEST(EngineFault, a_clock_that_jumps_back_neither_repeats_nor_stops) {
    for (const Milliseconds jump : {Milliseconds{-1h}, Milliseconds{-24h * 365 * 10}}) {
        EngineHouse house;
        house.add({.cron = "* * * * *"});
        house.run_for(5min);
        EXPECT_EQ(house.transport().sent().size(), 5u);
        house.clock.jump(jump);
        house.add({.url = "http://t.test/now"});
        house.add({.url = "http://t.test/later", .due = house.clock.now() + 10s});
        house.run_for(1min);
        // The new tasks run by the clock as it is now; the instants that were dealt with do not come again.
        ASSERT_EQ(house.transport().sent().size(), 7u);
        EXPECT_EQ(house.transport().paths()[5], "now");
        EXPECT_EQ(house.transport().paths()[6], "later");
        EXPECT_EQ(house.transport().sent()[6].at - house.transport().sent()[5].at, 10s);
        for (const auto& [id, execution] : house.disk.executions)
            EXPECT_GE(*execution.finished_at, *execution.started_at);
        house.clock.jump(-jump);
        house.run_for(10min);
        EXPECT_GT(house.transport().sent().size(), 7u);
    }
}

TEST(EngineFault, an_answer_after_a_jump_back_does_not_end_before_it_began) {
    EngineHouse house;
    house.transport().when("/").after(5s);
    const Id task = house.add({});
    house.run_for(1s);
    house.clock.jump(-1h);
    house.run_for(10s);
    EXPECT_EQ(house.execution(task).finished_at, house.execution(task).started_at);
}

TEST(EngineFault, an_answer_nobody_waits_for_is_ignored) {
    EngineHouse house;
    house.run_for(1s);
    house.inbox().answered({{.ticket = 12345, .status = 200}});
    house.run_for(1s);
    EXPECT_TRUE(house.disk.executions.empty());
}

}  // namespace
}  // namespace punkt::engine

// Holds: the engine keeps its hands off what the API is about to change.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;
const Error refused{.kind = ErrorKind::full, .message = "the disk is full"};

enum class Answer { none, held, running };

Answer hold(EngineHouse& house, Id execution, Id task = 0) {
    Answer answer = Answer::none;
    house.inbox().hold({.execution = execution, .task = task, .done = [&answer](Held held) {
                            answer = held.running ? Answer::running : Answer::held;
                        }});
    house.engine().tick();
    return answer;
}

TEST(EngineHold, a_cancelled_run_never_starts) {
    EngineHouse house;
    const Id task = house.add({.due = house.clock.now() + 10s});
    house.run_for(1s);
    EXPECT_EQ(hold(house, task), Answer::held);
    house.store().cancel(task, house.clock.now(), [&](Result<void>) { house.inbox().end_hold({task}); });
    house.run_for(1min);
    EXPECT_TRUE(house.transport().sent().empty());
    EXPECT_EQ(house.execution(task).status, Status::cancelled);
}

TEST(EngineHold, a_held_run_does_not_start_although_it_is_due_and_starts_when_it_is_released) {
    EngineHouse house;
    const Id task = house.add({.due = house.clock.now() + 10s});
    house.run_for(1s);
    hold(house, task);
    house.run_for(1min);
    EXPECT_TRUE(house.transport().sent().empty());
    house.inbox().end_hold({.execution = task});
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineHold, two_holds_need_two_releases) {
    EngineHouse house;
    const Id task = house.add({.due = house.clock.now() + 10s});
    house.run_for(1s);
    hold(house, 0, task);
    hold(house, 0, task);
    house.inbox().end_hold({.task = task});
    house.run_for(1min);
    EXPECT_TRUE(house.transport().sent().empty());
    house.inbox().end_hold({.task = task});
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineHold, the_head_of_a_serial_queue_keeps_its_place_while_it_is_held) {
    EngineHouse house;
    const Id head = house.add({.url = "http://t.test/1", .due = house.clock.now() + 10s, .queue = "mail"});
    house.add({.url = "http://t.test/2", .due = house.clock.now() + 11s, .queue = "mail"});
    house.run_for(1s);
    hold(house, head);
    house.run_for(1min);
    EXPECT_TRUE(house.transport().sent().empty());
    house.inbox().end_hold({.execution = head});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
}

TEST(EngineHold, a_held_head_that_is_cancelled_lets_the_next_one_start) {
    EngineHouse house;
    const Id head = house.add({.url = "http://t.test/1", .due = house.clock.now() + 10s, .queue = "mail"});
    house.add({.url = "http://t.test/2", .due = house.clock.now() + 11s, .queue = "mail"});
    house.run_for(1s);
    hold(house, head);
    house.run_for(1min);
    house.store().cancel(head, house.clock.now(), [&](Result<void>) { house.inbox().end_hold({head}); });
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), Paths{"2"});
}

TEST(EngineHold, a_run_that_is_out_is_called_running_until_its_outcome_is_on_disk) {
    EngineHouse house;
    const Id task = house.add({});
    house.store().settle();
    house.engine().tick();
    house.store().settle();
    house.engine().tick();
    ASSERT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(hold(house, task), Answer::running);
    EXPECT_EQ(hold(house, 0, task), Answer::running);
    house.transport().deliver();
    house.engine().tick();
    EXPECT_EQ(hold(house, task), Answer::running);
    EXPECT_EQ(hold(house, 0, task), Answer::running);
    house.store().settle();
    house.engine().tick();
    EXPECT_EQ(hold(house, task), Answer::held);
    EXPECT_EQ(hold(house, 0, task), Answer::held);
}

TEST(EngineHold, says_which_runs_of_a_task_are_out_or_not_yet_on_disk) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    const Id task = house.add({});
    house.add({});
    house.settle();
    std::vector<Id> running;
    const auto ask = [&] {
        house.inbox().ask({.task = task, .done = [&](std::vector<Id> executions) { running = std::move(executions); }});
        house.engine().tick();
        return running;
    };
    EXPECT_EQ(ask(), std::vector<Id>{task});
    house.clock.advance(10s);
    house.transport().deliver();
    house.engine().tick();
    EXPECT_EQ(house.engine().in_flight(), 0u);
    EXPECT_EQ(ask(), std::vector<Id>{task});
    house.settle();
    EXPECT_TRUE(ask().empty());
}

// Promoting what is due already changes nothing, and tells nothing.
TEST(EngineHold, a_hold_ends_with_end_hold_whether_anything_was_changed_or_not) {
    EngineHouse house;
    const Id task = house.add({.due = house.clock.now() + 10s});
    house.run_for(1s);
    hold(house, task);
    house.run_for(10s);
    house.store().write([](testing::MemoryDisk&) { return testing::MemoryStore::Told{}; },
                        [&](Result<void>) { house.inbox().end_hold({.execution = task}); });
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineHold, a_promoted_run_starts_now_and_once) {
    EngineHouse house;
    const Id near = house.add({.url = "http://t.test/near", .due = house.clock.now() + 10min});
    const Id far = house.add({.url = "http://t.test/far", .due = house.clock.now() + 10h});
    house.run_for(1s);
    for (const Id id : {near, far}) {
        EXPECT_EQ(hold(house, id), Answer::held);
        house.store().promote(id, house.clock.now(), [&house, id](Result<void>) { house.inbox().end_hold({id}); });
    }
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"near", "far"}));
    house.run_for(11h);
    EXPECT_EQ(house.transport().sent().size(), 2u);
}

/// A house whose task's beat is due and planned, while nothing is committed.
Id with_beat_at_work(EngineHouse& house) {
    const Id task = house.add({.cron = "* * * * *"});
    house.run_for(59s);
    house.clock.advance(1s);
    house.engine().tick();
    return task;
}

TEST(EngineHold, a_hold_of_a_schedule_waits_until_its_instant_is_on_disk) {
    EngineHouse house;
    const Id task = with_beat_at_work(house);
    std::optional<Held> held;
    house.inbox().hold({.task = task, .done = [&](Held answer) { held = answer; }});
    house.engine().tick();
    EXPECT_FALSE(held);
    house.store().settle();
    house.engine().tick();
    ASSERT_TRUE(held);
    EXPECT_TRUE(held->is_settled);
    EXPECT_EQ(held->now, house.clock.now());
    EXPECT_EQ(house.disk.tasks.at(task).next_run_at, house.clock.now() + 1min);
}

TEST(EngineHold, a_hold_of_a_schedule_is_answered_after_two_seconds_in_any_case) {
    EngineHouse house;
    const Id task = with_beat_at_work(house);
    std::optional<Held> held;
    house.inbox().hold({.task = task, .done = [&](Held answer) { held = answer; }});
    house.engine().tick();
    house.clock.advance(1999ms);
    house.engine().tick();
    EXPECT_FALSE(held);
    house.clock.advance(1ms);
    house.engine().tick();
    ASSERT_TRUE(held);
    EXPECT_FALSE(held->is_settled);
}

TEST(EngineHold, a_draining_engine_lets_no_hold_wait) {
    EngineHouse house;
    const Id task = with_beat_at_work(house);
    house.engine().stop_starting();
    std::optional<Held> held;
    house.inbox().hold({.task = task, .done = [&](Held answer) { held = answer; }});
    house.engine().tick();
    EXPECT_TRUE(held);
}

TEST(EngineHold, a_failed_change_leaves_the_run_as_it_was) {
    EngineHouse house;
    const Id task = house.add({.due = house.clock.now() + 10s});
    house.run_for(1s);
    hold(house, task);
    house.store().cancel(task, house.clock.now(), [&](Result<void> result) {
        EXPECT_FALSE(result);
        house.inbox().end_hold({.execution = task});
    });
    house.store().refuse(1, refused);
    house.store().tell();
    house.run_for(20s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineHold, nothing_of_a_held_lane_starts_and_all_of_it_afterwards_in_order) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "wide")] = {.concurrency = 2};
    const Lane lane = lane_of(1, "wide");
    bool is_held = false;
    house.inbox().hold({.lane = lane, .done = [&](engine::Held) { is_held = true; }});
    for (const char* path : {"1", "2", "3"}) house.add({.url = fmt::format("http://t.test/{}", path), .queue = "wide"});
    house.add({.url = "http://t.test/other"});
    house.run_for(1min);
    EXPECT_TRUE(is_held);
    EXPECT_EQ(house.transport().paths(), Paths{"other"});
    house.inbox().end_hold({.lane = lane});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"other", "1", "2", "3"}));
}

TEST(EngineHold, says_which_runs_of_lanes_are_out_or_not_yet_on_disk) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    const Id mail = house.add({.queue = "mail"});
    house.add({});
    house.settle();
    using Runs = std::vector<std::vector<Id>>;
    Runs runs;
    const auto ask = [&] {
        house.inbox().ask(engine::LanesQuestion{.lanes = {lane_of(1, "none"), lane_of(1, "mail")},
                                                .done = [&](Runs executions) { runs = std::move(executions); }});
        house.engine().tick();
        return runs;
    };
    EXPECT_EQ(ask(), (Runs{{}, {mail}}));
    house.clock.advance(10s);
    house.transport().deliver();
    house.engine().tick();
    EXPECT_EQ(house.engine().in_flight(), 0u);
    EXPECT_EQ(ask(), (Runs{{}, {mail}}));
    house.settle();
    EXPECT_EQ(ask(), (Runs{{}, {}}));
}

}  // namespace
}  // namespace punkt::engine

// Retries, and what they hold back.
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;
const RetryPolicy every_10s{.strategy = RetryPolicy::Strategy::fixed, .initial = 10s, .jitter = 0};

TEST(EngineRetry, waits_as_the_policy_says_and_stops_after_the_last_attempt) {
    EngineHouse house;
    house.transport().when("/").answers(500);
    const Id task = house.add({.retries = 2, .retry = every_10s});
    house.run_for(1min);
    ASSERT_EQ(house.transport().sent().size(), 3u);
    EXPECT_EQ(house.transport().sent()[1].at - house.transport().sent()[0].at, 10s);
    EXPECT_EQ(house.transport().sent()[2].at - house.transport().sent()[1].at, 10s);
    EXPECT_EQ(house.transport().sent()[2].header("punkt-attempt"), "3");
    EXPECT_EQ(house.statuses(task), (std::vector{Status::failed, Status::failed, Status::failed}));
    EXPECT_TRUE(house.disk.timers.empty());
    const Execution first = house.execution(task);
    EXPECT_EQ(house.execution(first.next).attempt, 2);
    EXPECT_EQ(house.execution(first.next).first, task);
    EXPECT_EQ(house.execution(house.execution(first.next).next).next, 0);
}

TEST(EngineRetry, the_standard_policy_waits_20_s_and_45_s_give_or_take_a_tenth) {
    EngineHouse house;
    house.transport().when("/").fails(Failure::connect);
    house.add({.retries = 2});
    house.run_for(5min);
    ASSERT_EQ(house.transport().sent().size(), 3u);
    const auto first = house.transport().sent()[1].at - house.transport().sent()[0].at;
    const auto second = house.transport().sent()[2].at - house.transport().sent()[1].at;
    EXPECT_TRUE(first >= 18s && first <= 22s) << first.count();
    EXPECT_TRUE(second >= 40500ms && second <= 49500ms) << second.count();
}

TEST(EngineRetry, stops_at_the_first_success) {
    EngineHouse house;
    house.transport().when("/").answers(503).times(1);
    const Id task = house.add({.retries = 5, .retry = every_10s});
    house.run_for(2min);
    EXPECT_EQ(house.statuses(task), (std::vector{Status::failed, Status::success}));
}

TEST(EngineRetry, does_what_retry_after_asks_for_on_429_and_503) {
    EngineHouse house;
    house.transport().when("/").answers(429).retry_after("33").times(1);
    house.add({.retries = 5, .retry = every_10s});
    house.run_for(2min);
    ASSERT_EQ(house.transport().sent().size(), 2u);
    EXPECT_EQ(house.transport().sent()[1].at - house.transport().sent()[0].at, 33s);
}

TEST(EngineRetry, gone_and_no_retry_end_the_run) {
    EngineHouse house;
    house.transport().when("/gone").answers(410);
    house.transport().when("/never").answers(500).no_retry();
    house.add({.url = "http://t.test/gone", .retries = 5});
    house.add({.url = "http://t.test/never", .retries = 5});
    house.run_for(1h);
    EXPECT_EQ(house.transport().paths(), (Paths{"gone", "never"}));
}

TEST(EngineRetry, a_serial_queue_waits_for_the_retries_of_its_head) {
    EngineHouse house;
    house.transport().when("/1").answers(500).times(2);
    house.add({.url = "http://t.test/1", .retries = 3, .retry = every_10s, .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(15s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "1"}));
    house.run_for(15s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "1", "1", "2"}));
}

TEST(EngineRetry, without_a_queue_nobody_waits_for_a_retry) {
    EngineHouse house;
    house.transport().when("/1").answers(500);
    house.add({.url = "http://t.test/1", .retries = 3, .retry = every_10s});
    house.add({.url = "http://t.test/2"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
}

// After the restart its hour is not in memory, but what it holds back is.
TEST(EngineRetry, a_far_retry_holds_its_serial_queue_also_across_a_crash) {
    EngineHouse house;
    const RetryPolicy in_5h{.strategy = RetryPolicy::Strategy::fixed, .initial = 5h, .jitter = 0};
    house.transport().when("/1").answers(500).times(1);
    house.add({.url = "http://t.test/1", .retries = 1, .retry = in_5h, .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(1min);
    EXPECT_EQ(house.transport().paths(), Paths{"1"});
    house.crash();
    house.run_for(4h);
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(1h);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
}

TEST(EngineRetry, a_crash_before_the_outcome_is_on_disk_repeats_the_head_and_nothing_else) {
    EngineHouse house;
    house.add({.url = "http://t.test/1", .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.settle();
    house.crash();
    house.run_for(1s);
    EXPECT_TRUE(house.transport().sent().empty());  // both were done and recorded

    house.add({.url = "http://t.test/3", .queue = "mail"});
    house.add({.url = "http://t.test/4", .queue = "mail"});
    house.store().settle();
    house.engine().tick();
    house.transport().deliver();
    house.engine().tick();  // judged, not committed
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"3", "4"}));
    EXPECT_EQ(house.transport().sent()[0].header("punkt-delivery"), "2");
}

TEST(EngineRetry, nobody_overtakes_the_head_that_a_crash_interrupted) {
    EngineHouse house;
    house.transport().when("/1").never_answers();
    house.add({.url = "http://t.test/1", .queue = "mail"});
    house.run_for(1s);
    house.add({.url = "http://t.test/urgent", .queue = "mail", .priority = 1});
    house.run_for(1s);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "urgent"}));
}

// A retry was moved into the queue of a run that is out: it is older, and waits.
TEST(EngineRetry, an_interrupted_head_comes_before_a_waiting_retry_of_its_queue) {
    EngineHouse house;
    house.transport().when("/moved").answers(500).times(1);
    house.transport().when("/head").never_answers();
    const Id moved = house.add({.url = "http://t.test/moved", .retries = 1});
    house.run_for(1s);
    house.add({.url = "http://t.test/head", .queue = "mail"});
    house.run_for(1s);
    Timer retry = house.disk.timers.rbegin()->second;
    for (const auto& [id, timer] : house.disk.timers)
        if (timer.attempt > 1) retry = timer;
    retry.lane = lane_of(1, "mail");
    house.store().update(house.disk.tasks.at(moved), retry);
    house.run_for(1s);
    house.clock.advance(1min);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"head", "moved"}));
}

TEST(EngineRetry, an_interrupted_head_that_is_cancelled_frees_its_serial_queue) {
    EngineHouse house;
    house.transport().when("/1").never_answers();
    const Id head = house.add({.url = "http://t.test/1", .queue = "mail"});
    house.run_for(1s);
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.run_for(1s);
    house.clock.jump(-1h);  // so that the head waits for its time again
    house.crash();
    house.run_for(1s);
    EXPECT_TRUE(house.transport().sent().empty());
    house.store().cancel(head, house.clock.now());
    house.run_for(1s);
    house.clock.jump(1h);
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), Paths{"2"});
}

}  // namespace
}  // namespace punkt::engine

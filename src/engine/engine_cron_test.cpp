// Cron tasks: every due instant ends as a run or as a missed record.
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Statuses = std::vector<Status>;
constexpr const char* each_minute = "* * * * *";

std::size_t count(const Statuses& all, Status one) {
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), one));
}

TEST(EngineCron, runs_at_each_instant_and_says_when_it_runs_next) {
    EngineHouse house;
    const Timestamp start = house.clock.now();
    const Id task = house.add({.cron = each_minute});
    house.run_for(3min + 30s);
    ASSERT_EQ(house.transport().sent().size(), 3u);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(house.transport().sent()[static_cast<std::size_t>(i)].at, start + (i + 1) * 1min);
    EXPECT_EQ(house.disk.tasks.at(task).next_run_at, start + 4min);
    for (const auto& [id, execution] : house.disk.executions) EXPECT_EQ(execution.cause, Cause::schedule);
}

TEST(EngineCron, after_downtime_the_newest_runs_if_it_is_within_the_grace_and_the_others_are_missed) {
    EngineHouse house;
    const Id task = house.add({.cron = each_minute});
    house.run_for(1s);
    house.clock.advance(10min + 15s);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(count(house.statuses(task), Status::missed), 9u);
    EXPECT_EQ(count(house.statuses(task), Status::success), 1u);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(EngineCron, skip_runs_nothing_that_is_late) {
    EngineHouse house;
    const Id task = house.add({.cron = each_minute, .catch_up = CatchUp::skip});
    house.run_for(1s);
    house.clock.advance(10min + 45s);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.statuses(task), Statuses(10, Status::missed));
}

TEST(EngineCron, run_all_catches_up_the_newest_hundred) {
    EngineHouse house;
    const Id task = house.add({.cron = each_minute, .catch_up = CatchUp::run_all});
    house.run_for(1s);
    house.clock.advance(250min);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(count(house.statuses(task), Status::success), 100u);
    EXPECT_EQ(count(house.statuses(task), Status::missed), 150u);
    for (const auto& [id, execution] : house.disk.executions)
        if (execution.status == Status::missed) EXPECT_FALSE(execution.error_message.empty());
}

TEST(EngineCron, a_long_downtime_is_dealt_with_in_steps) {
    EngineHouse house;
    const Id task = house.add({.cron = "*/10 * * * * *"});
    house.run_for(1s);
    house.clock.advance(24h);
    house.crash();
    house.run_for(5s);
    EXPECT_EQ(house.statuses(task).size(), 8'640u);
    EXPECT_EQ(count(house.statuses(task), Status::success), 1u);
}

TEST(EngineCron, overlap_allow_starts_the_next_run_beside_the_one_that_is_out) {
    EngineHouse house;
    house.transport().when("/").after(90s);
    house.add({.cron = each_minute});
    house.run_for(2min + 1s);
    EXPECT_EQ(house.engine().in_flight(), 2u);
}

TEST(EngineCron, overlap_skip_records_what_it_leaves_out) {
    EngineHouse house;
    house.transport().when("/").after(90s);
    const Id task = house.add({.cron = each_minute, .overlap = Overlap::skip});
    house.run_for(4min);
    EXPECT_EQ(house.statuses(task), (Statuses{Status::success, Status::missed, Status::missed}));
    EXPECT_EQ(house.transport().sent().size(), 2u);
    for (const auto& [id, execution] : house.disk.executions)
        if (execution.status == Status::missed) EXPECT_EQ(execution.error_message, "The previous run was still active");
}

TEST(EngineCron, overlap_skip_counts_a_run_that_waits_for_its_retry_also_across_a_crash) {
    EngineHouse house;
    const RetryPolicy in_3h{.strategy = RetryPolicy::Strategy::fixed, .initial = 3h, .jitter = 0};
    house.transport().when("/").answers(500).times(1);
    house.add({.retries = 1, .retry = in_3h, .cron = "0 * * * *", .overlap = Overlap::skip});
    house.run_for(2h + 1min);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    house.crash();
    house.run_for(2h + 30min);
    EXPECT_EQ(house.transport().sent().size(), 1u);  // the retry, at 4:00; the instants of 3:00 and 4:00 are left out
    house.run_for(1h);
    EXPECT_EQ(house.transport().sent().size(), 2u);
}

TEST(EngineCron, overlap_queue_lets_runs_wait_for_each_other) {
    EngineHouse house;
    house.transport().when("/").after(90s);
    const Id task = house.add({.cron = each_minute, .overlap = Overlap::queue});
    house.run_for(6min + 1s);
    EXPECT_EQ(house.engine().in_flight(), 1u);
    EXPECT_EQ(house.transport().sent().size(), 4u);
    EXPECT_EQ(count(house.statuses(task), Status::missed), 0u);
}

TEST(EngineCron, an_instant_that_the_plan_does_not_allow_is_missed_and_says_why) {
    EngineHouse house;
    house.directory.runs_left = 2;
    const Id task = house.add({.cron = each_minute});
    house.run_for(4min + 30s);
    EXPECT_EQ(house.transport().sent().size(), 2u);
    EXPECT_EQ(count(house.statuses(task), Status::missed), 2u);
    for (const auto& [id, execution] : house.disk.executions) {
        if (execution.status == Status::missed) {
            EXPECT_EQ(execution.error_message, "The monthly limit of executions was reached");
        }
    }
    house.directory.runs_left = 1;
    house.run_for(1min);
    EXPECT_EQ(house.transport().sent().size(), 3u) << "and goes on when it is";
}

TEST(EngineCron, a_task_that_lost_its_schedule_loses_its_beat) {
    EngineHouse house;
    const Id task = house.add({.cron = each_minute});
    house.run_for(1s);
    house.disk.tasks.at(task).enabled = false;  // behind the engine's back
    house.run_for(2min);
    EXPECT_TRUE(house.transport().sent().empty());
    EXPECT_TRUE(house.disk.timers.empty());
    EXPECT_FALSE(house.disk.tasks.at(task).next_run_at);
}

TEST(EngineCron, an_instant_recorded_twice_by_a_crash_counts_once) {
    EngineHouse house;
    const Id task = house.add({.cron = each_minute});
    house.run_for(59s + 500ms);
    house.clock.advance(500ms);
    house.engine().tick();    // the beat is planned
    house.store().commit(1);  // and on disk, but nobody hears of it
    house.crash();
    house.run_for(30s);
    EXPECT_EQ(house.statuses(task), Statuses{Status::success});
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

}  // namespace
}  // namespace punkt::engine

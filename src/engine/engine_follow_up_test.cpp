#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;

std::vector<Task> system_tasks(const EngineHouse& house) {
    std::vector<Task> found;
    for (const auto& [id, task] : house.disk.tasks)
        if (task.surface == Surface::system) found.push_back(task);
    return found;
}

TEST(FollowUp, every_attempt_causes_what_the_rooms_want) {
    EngineHouse house;
    house.follow_ups.url = "http://target.test/callback";
    house.transport().when("/hook").answers(500).times(1);
    const Id task = house.add({.retries = 1});
    house.run_for(5min);
    ASSERT_EQ(house.follow_ups.asked.size(), 2u);
    EXPECT_FALSE(house.follow_ups.asked[0].is_final);
    EXPECT_TRUE(house.follow_ups.asked[1].is_final);
    EXPECT_EQ(house.follow_ups.asked[1].status, Status::success);
    EXPECT_EQ(house.transport().paths(), (std::vector<std::string>{"hook", "callback", "hook", "callback"}));
    const auto caused = system_tasks(house);
    ASSERT_EQ(caused.size(), 2u);
    EXPECT_EQ(caused[0].parent, task);  // the first attempt has the task's id
    EXPECT_EQ(caused[0].organization, 1);
    EXPECT_EQ(caused[0].purpose, Purpose::callback);
    EXPECT_EQ(caused[1].parent, house.follow_ups.asked[1].execution);
    EXPECT_TRUE(house.disk.timers.empty());
}

TEST(FollowUp, a_follow_up_has_none_of_its_own) {
    EngineHouse house;
    house.follow_ups.url = "http://target.test/callback";
    house.transport().when("/callback").answers(500);
    house.add({});
    house.run_for(1h);
    EXPECT_EQ(house.follow_ups.asked.size(), 1u);
    EXPECT_EQ(system_tasks(house).size(), 1u);
}

TEST(FollowUp, comes_into_being_with_its_outcome_or_not_at_all) {
    EngineHouse house;
    house.follow_ups.url = "http://target.test/callback";
    house.add({});
    house.settle();
    const std::size_t sent_before = house.transport().sent().size();
    EXPECT_EQ(sent_before, 2u);

    const Id second = house.add({});
    house.store().settle();
    house.engine().tick();
    house.transport().deliver();
    house.engine().tick();  // judged, handed to the store, not committed
    EXPECT_EQ(system_tasks(house).size(), 1u);
    house.crash();
    house.run_for(1s);
    const auto caused = system_tasks(house);
    ASSERT_EQ(caused.size(), 2u);  // once, although it was judged twice
    EXPECT_EQ(caused[1].parent, second);
}

TEST(FollowUp, nothing_follows_what_was_deleted_meanwhile) {
    EngineHouse house;
    house.follow_ups.url = "http://target.test/callback";
    house.transport().when("/hook").after(10s);
    const Id task = house.add({});
    house.settle();
    house.store().remove(task, house.clock.now());
    house.run_for(1min);
    EXPECT_EQ(house.disk.executions.size(), 1u);
    EXPECT_TRUE(system_tasks(house).empty());
}

TEST(FollowUp, a_run_is_compared_with_the_finished_run_before_it) {
    EngineHouse house;
    house.transport().when("/hook").answers(500).times(2);
    house.add({.cron = "* * * * *"});
    house.run_for(4min);
    ASSERT_EQ(house.follow_ups.asked.size(), 4u);
    EXPECT_EQ(house.follow_ups.asked[0].previous_lost, std::nullopt);
    EXPECT_EQ(house.follow_ups.asked[1].previous_lost, true);
    EXPECT_EQ(house.follow_ups.asked[2].previous_lost, true);
    EXPECT_EQ(house.follow_ups.asked[2].status, Status::success);
    EXPECT_EQ(house.follow_ups.asked[3].previous_lost, false);
}

TEST(FollowUp, the_comparison_survives_a_crash) {
    EngineHouse house;
    house.transport().when("/hook").answers(500);
    house.add({.cron = "* * * * *"});
    house.run_for(1min);
    house.crash();
    house.run_for(1min);
    ASSERT_EQ(house.follow_ups.asked.size(), 2u);
    EXPECT_EQ(house.follow_ups.asked[1].previous_lost, true);
}

TEST(FollowUp, attempts_of_one_run_are_not_compared_with_each_other) {
    EngineHouse house;
    house.transport().when("/hook").answers(500);
    const Id task = house.add({.retries = 1});
    house.run_for(10min);
    ASSERT_EQ(house.follow_ups.asked.size(), 2u);
    EXPECT_EQ(house.follow_ups.asked[1].previous_lost, std::nullopt);
    EXPECT_TRUE(house.follow_ups.asked[1].is_final);
    EXPECT_EQ(house.disk.dead_letters, (std::set<Id>{house.follow_ups.asked[1].execution}));

    house.transport().when("/hook").answers(200);
    house.trigger(task);
    house.run_for(1s);
    ASSERT_EQ(house.follow_ups.asked.size(), 3u);
    EXPECT_EQ(house.follow_ups.asked[2].previous_lost, true);
}

TEST(FollowUp, a_run_triggered_while_the_first_ones_retry_waits_is_lost_with_it_and_told_once) {
    EngineHouse house;
    house.transport().when("/hook").answers(500);
    const Id task = house.add({.retries = 1});
    house.run_for(1s);
    house.trigger(task);
    house.run_for(10min);
    std::vector<std::optional<bool>> lost_before;
    for (const auto& asked : house.follow_ups.asked)
        if (asked.is_final) lost_before.push_back(asked.previous_lost);
    EXPECT_EQ(lost_before, (std::vector<std::optional<bool>>{std::nullopt, true}));
}

TEST(Expiry, what_could_not_start_in_time_is_never_sent) {
    EngineHouse house;
    house.transport().when("/first").after(30s);
    house.add({.url = "http://target.test/first", .queue = "q"});
    const Id late = house.add({.queue = "q", .expires_at = house.clock.now() + 10s});
    const Id in_time = house.add({.url = "http://target.test/last", .queue = "q"});
    house.run_for(1min);
    EXPECT_EQ(house.transport().paths(), (std::vector<std::string>{"first", "last"}));
    EXPECT_EQ(house.execution(late).status, Status::expired);
    EXPECT_FALSE(house.execution(late).started_at);
    EXPECT_EQ(house.execution(in_time).status, Status::success);
    EXPECT_TRUE(house.disk.dead_letters.contains(late));
    ASSERT_EQ(house.follow_ups.asked.size(), 3u);
    EXPECT_EQ(house.follow_ups.asked[1].status, Status::expired);
    EXPECT_TRUE(house.disk.timers.empty());
}

TEST(Expiry, a_retry_that_would_come_too_late_ends_when_the_task_expires) {
    EngineHouse house;
    const Timestamp expires_at = house.clock.now() + 5s;
    house.transport().when("/hook").answers(500);
    const Id task = house.add({.retries = 3, .expires_at = expires_at});
    house.run_for(10min);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(house.statuses(task), (std::vector<Status>{Status::failed, Status::expired}));
    const Execution& last = house.disk.executions.rbegin()->second;
    EXPECT_EQ(last.attempt, 2);
    EXPECT_EQ(last.finished_at, expires_at);
    EXPECT_EQ(house.disk.dead_letters, (std::set<Id>{last.id}));
}

/// What the store tells, four times a second, of the pending runs of its expired tasks.
void run_with_watch(EngineHouse& house, Milliseconds time) {
    for (Milliseconds passed{0}; passed < time; passed += 250ms) {
        house.run_for(250ms);
        engine::Expired late;
        for (const auto& [id, timer] : house.disk.timers) {
            const auto& at = house.disk.tasks.at(timer.task).expires_at;
            if (at && *at <= house.clock.now() && timer.scheduled_for <= *at) late.runs.push_back(timer);
        }
        if (!late.runs.empty()) house.inbox().expired(std::move(late));
        house.settle();
    }
}

void expect_told_as_lost(EngineHouse& house, Id task, Timestamp expires_at) {
    const Execution& end = house.execution(task);
    EXPECT_EQ(end.status, Status::expired);
    EXPECT_GE(end.finished_at, expires_at);
    EXPECT_LE(end.finished_at, expires_at + 1s);
    EXPECT_FALSE(house.disk.timers.contains(task));
    EXPECT_TRUE(house.disk.dead_letters.contains(task));
    const auto told = std::count_if(house.follow_ups.asked.begin(), house.follow_ups.asked.end(),
                                    [&](const auto& asked) { return asked.task == task && asked.is_final; });
    EXPECT_EQ(told, 1);
}

TEST(Expiry, a_run_in_a_paused_queue_ends_at_its_instant_and_leaves_nothing_behind) {
    EngineHouse house;
    const Lane lane = lane_of(1, "q");
    house.directory.lanes[lane] = {.is_paused = true};
    const Timestamp expires_at = house.clock.now() + 10s;
    const Id late = house.add({.queue = "q", .expires_at = expires_at});
    const Id other = house.add({.queue = "q"});
    run_with_watch(house, 12s);
    expect_told_as_lost(house, late, expires_at);
    EXPECT_TRUE(house.disk.timers.contains(other));
    house.directory.lanes[lane] = {};
    house.inbox().settings_changed({1, lane});
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(house.execution(other).status, Status::success);
    EXPECT_TRUE(house.engine().is_drained());
}

TEST(Expiry, a_run_behind_a_long_one_or_at_a_full_key_ends_at_its_instant) {
    EngineHouse house;
    house.transport().when("/long").after(30s);
    const Timestamp expires_at = house.clock.now() + 5s;
    house.add({.url = "http://target.test/long", .queue = "q"});
    house.add({.url = "http://target.test/long", .key_limits = {{.key = "k", .concurrency = 1}}});
    house.run_for(10ms);
    const Id behind = house.add({.queue = "q", .expires_at = expires_at});
    const Id at_key = house.add({.key_limits = {{.key = "k", .concurrency = 1}}, .expires_at = expires_at});
    const Id at_head =
        house.add({.queue = "r", .key_limits = {{.key = "k", .concurrency = 1}}, .expires_at = expires_at});
    const Id after_head = house.add({.url = "http://target.test/next", .queue = "r"});
    run_with_watch(house, 10s);
    for (const Id late : {behind, at_key, at_head}) expect_told_as_lost(house, late, expires_at);
    EXPECT_EQ(house.execution(after_head).status, Status::success) << "the queue goes on without its head";
    house.run_for(1min);
    EXPECT_EQ(house.transport().sent().size(), 3u);
    EXPECT_TRUE(house.disk.timers.empty());
}

// A retry that would come too late is due when the task expires: its turn comes while its end is written.
TEST(Expiry, a_serial_queue_goes_on_when_the_end_of_its_head_is_on_disk) {
    EngineHouse house;
    house.transport().when("/bad").answers(500);
    const Timestamp expires_at = house.clock.now() + 5s;
    const Id head = house.add({.url = "http://target.test/bad", .retries = 3, .queue = "q", .expires_at = expires_at});
    house.add({.url = "http://target.test/next", .queue = "q"});
    house.run_for(5s - 1ms);
    const auto retry = std::find_if(house.disk.timers.begin(), house.disk.timers.end(),
                                    [&](const auto& each) { return each.second.task == head; });
    ASSERT_NE(retry, house.disk.timers.end());
    house.clock.advance(1ms);
    house.inbox().expired({{retry->second}});
    for (int i = 0; i < 3; ++i) house.engine().tick();
    EXPECT_EQ(house.transport().paths(), std::vector<std::string>{"bad"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (std::vector<std::string>{"bad", "next"}));
    EXPECT_TRUE(house.engine().is_drained());
}

TEST(Expiry, a_run_at_a_blocked_host_ends_at_its_instant) {
    EngineHouse house({.hosts = {.has_breaker = true}});
    house.transport().when("/hook").answers(429).retry_after("600");
    house.add({});
    house.run_for(1s);
    const Timestamp expires_at = house.clock.now() + 10s;
    const Id late = house.add({.expires_at = expires_at});
    run_with_watch(house, 12s);
    expect_told_as_lost(house, late, expires_at);
    house.run_for(20min);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

TEST(Expiry, a_held_run_that_expired_while_it_was_down_ends_soon_after_the_start) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "q")] = {.is_paused = true};
    const Timestamp expires_at = house.clock.now() + 10s;
    const Id late = house.add({.queue = "q", .expires_at = expires_at});
    house.run_for(1s);
    house.clock.advance(5h);
    house.crash();
    const Timestamp began = house.clock.now();
    run_with_watch(house, 2s);
    EXPECT_EQ(house.execution(late).status, Status::expired);
    EXPECT_LE(house.execution(late).finished_at, began + 1s);
}

TEST(Expiry, a_run_that_is_out_is_left_alone) {
    EngineHouse house;
    house.transport().when("/hook").after(30s);
    const Id task = house.add({.expires_at = house.clock.now() + 5s});
    run_with_watch(house, 40s);
    EXPECT_EQ(house.statuses(task), std::vector<Status>{Status::success});
}

TEST(Expiry, a_run_that_a_crash_interrupted_had_started_and_is_repeated) {
    EngineHouse house;
    house.transport().when("/hook").never_answers();
    const Id task = house.add({.expires_at = house.clock.now() + 5s});
    house.run_for(1s);
    house.clock.advance(10s);
    house.crash();
    run_with_watch(house, 2s);
    EXPECT_EQ(house.statuses(task), std::vector<Status>{Status::success});
    EXPECT_EQ(house.execution(task).deliveries, 2);
}

TEST(Expiry, a_run_asked_for_afterwards_starts) {
    EngineHouse house;
    const Id task = house.add({.expires_at = house.clock.now() + 5s});
    house.run_for(10s);
    house.trigger(task);
    house.run_for(1s);
    EXPECT_EQ(house.statuses(task), (std::vector<Status>{Status::success, Status::success}));
}

}  // namespace
}  // namespace punkt::engine

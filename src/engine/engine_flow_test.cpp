// Queues that are paused, wide, rated; keys that tasks share; organizations that share the engine.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/arming.h"
#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;
const RetryPolicy every_10s{.strategy = RetryPolicy::Strategy::fixed, .initial = 10s, .jitter = 0};

std::vector<Milliseconds> starts(EngineHouse& house) {
    std::vector<Milliseconds> found;
    for (const auto& sent : house.transport().sent()) found.push_back(sent.at - house.transport().sent()[0].at);
    return found;
}

void set_lane(EngineHouse& house, const char* queue, const LaneSettings& settings) {
    house.directory.lanes[lane_of(1, queue)] = settings;
    house.inbox().settings_changed({.lane = lane_of(1, queue)});
}

// ---- queues ----------------------------------------------------------------------------------------------------

TEST(EngineFlow, a_paused_queue_starts_nothing_until_it_is_resumed_and_what_is_out_goes_on) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    for (const char* path : {"http://t.test/a", "http://t.test/b"}) house.add({.url = path, .queue = "mail"});
    house.run_for(5s);
    set_lane(house, "mail", {.is_paused = true});
    house.run_for(1min);
    EXPECT_EQ(house.transport().paths(), Paths{"a"});
    EXPECT_EQ(house.disk.executions.size(), 1u);
    set_lane(house, "mail", {});
    house.settle();
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "b"}));
}

// It was handed out already and only its task was missing.
TEST(EngineFlow, what_has_not_left_when_its_queue_is_paused_stays) {
    EngineHouse house({.cache_bytes_max = 1});
    house.run_for(1s);
    house.add({.url = "http://t.test/a", .queue = "mail"});
    house.add({.url = "http://t.test/b"});  // it takes the other's place in the cache
    house.store().commit(10);
    while (house.store().untold() > 0) house.store().tell();
    house.engine().tick();
    ASSERT_EQ(house.transport().paths(), Paths{"b"});
    set_lane(house, "mail", {.is_paused = true});
    house.run_for(10s);
    EXPECT_EQ(house.transport().paths(), Paths{"b"});
    set_lane(house, "mail", {});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"b", "a"}));
}

TEST(EngineFlow, a_queue_keeps_its_rate_to_the_millisecond) {
    EngineHouse house;
    set_lane(house, "mail", {.concurrency = 10, .rate = Rate{.count = 2, .period = 1s}});
    for (int i = 0; i < 4; ++i) house.add({.queue = "mail"});
    house.run_for(10s);
    EXPECT_EQ(starts(house), (std::vector<Milliseconds>{0ms, 500ms, 1000ms, 1500ms}));
}

TEST(EngineFlow, after_a_quiet_time_a_burst_starts_at_once) {
    EngineHouse house;
    set_lane(house, "mail", {.concurrency = 10, .rate = Rate{.count = 3, .period = 1min, .burst = 3}});
    for (int i = 0; i < 5; ++i) house.add({.queue = "mail"});
    house.run_for(10min);
    EXPECT_EQ(starts(house), (std::vector<Milliseconds>{0ms, 0ms, 0ms, 1min, 1min}));
}

TEST(EngineFlow, a_rate_holds_when_tasks_have_to_be_read_first) {
    EngineHouse house({.cache_bytes_max = 1});
    set_lane(house, "mail", {.concurrency = 10, .rate = Rate{.count = 3, .period = 1min, .burst = 3}});
    for (int i = 0; i < 5; ++i) house.add({.due = house.clock.now() + 1h, .queue = "mail"});
    house.run_for(2h);
    EXPECT_EQ(starts(house), (std::vector<Milliseconds>{0ms, 0ms, 0ms, 1min, 1min}));
}

TEST(EngineFlow, changed_settings_hold_for_what_is_queued_already) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    for (int i = 0; i < 6; ++i) house.add({.queue = "mail"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().open(), 1u);
    set_lane(house, "mail", {.concurrency = 3});
    house.settle();
    EXPECT_EQ(house.transport().open(), 3u);
    set_lane(house, "mail", {.concurrency = 1});
    house.run_for(9s + 500ms);
    EXPECT_EQ(house.transport().open(), 2u);
    house.run_for(1s);
    EXPECT_EQ(house.transport().open(), 1u);
    EXPECT_EQ(house.transport().sent().size(), 4u);
}

TEST(EngineFlow, a_queue_that_parks_goes_on_while_a_retry_waits) {
    EngineHouse house;
    set_lane(house, "mail", {.on_failure = OnFailure::park});
    house.transport().when("/").after(2s);
    house.transport().when("/a").answers(500).after(2s).times(1);
    house.add({.url = "http://t.test/a", .retries = 1, .retry = every_10s, .queue = "mail"});
    for (const char* path : {"http://t.test/b", "http://t.test/c"}) house.add({.url = path, .queue = "mail"});
    house.run_for(20s);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "b", "c", "a"}));
    EXPECT_EQ(starts(house), (std::vector<Milliseconds>{0s, 2s, 4s, 12s}));
}

TEST(EngineFlow, a_queue_that_skips_does_not_retry) {
    EngineHouse house;
    set_lane(house, "mail", {.on_failure = OnFailure::skip});
    house.transport().when("/a").answers(500);
    house.add({.url = "http://t.test/a", .retries = 3, .retry = every_10s, .queue = "mail"});
    house.add({.url = "http://t.test/b", .queue = "mail"});
    house.run_for(2min);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "b"}));
    EXPECT_TRUE(house.disk.timers.empty());
}

// ---- keys ------------------------------------------------------------------------------------------------------

TEST(EngineFlow, a_key_lets_so_many_through_whatever_queue_they_are_in) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    const KeyLimit two{.key = "customer:1", .concurrency = 2};
    for (const char* queue : {"", "x", "y", "z"}) house.add({.queue = queue, .key_limits = {two}});
    house.add({.url = "http://t.test/other", .key_limits = {{.key = "customer:2", .concurrency = 2}}});
    house.run_for(5s);
    EXPECT_EQ(house.transport().open(), 3u);
    house.run_for(10s);
    EXPECT_EQ(house.transport().open(), 2u);
    house.run_for(10s);
    EXPECT_EQ(house.disk.executions.size(), 5u);
}

TEST(EngineFlow, the_same_key_of_another_organization_is_another_key) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    for (const Id organization : {1, 2})
        house.add({.organization = organization, .key_limits = {{.key = "k", .concurrency = 1}}});
    house.run_for(5s);
    EXPECT_EQ(house.transport().open(), 2u);
}

TEST(EngineFlow, a_key_keeps_its_rate) {
    EngineHouse house;
    const KeyLimit slow{.key = "k", .rate = Rate{.count = 1, .period = 10s}};
    for (int i = 0; i < 3; ++i) house.add({.key_limits = {slow}});
    house.run_for(1min);
    EXPECT_EQ(starts(house), (std::vector<Milliseconds>{0s, 10s, 20s}));
}

TEST(EngineFlow, who_waits_for_one_key_takes_no_place_in_another_and_is_in_nobodys_way) {
    EngineHouse house;
    house.transport().when("/").after(1min);
    const KeyLimit full{.key = "full", .concurrency = 1};
    const KeyLimit shared{.key = "shared", .concurrency = 2};
    house.add({.url = "http://t.test/holds", .key_limits = {full}});
    for (int i = 0; i < 20; ++i) house.add({.url = "http://t.test/waits", .key_limits = {shared, full}});
    house.add({.url = "http://t.test/free", .key_limits = {shared}});
    house.add({.url = "http://t.test/plain"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"holds", "free", "plain"}));
    EXPECT_EQ(house.engine().idle_for(), 1s) << "nothing to do until an answer comes";
}

TEST(EngineFlow, who_waits_for_a_key_gives_its_place_in_a_wide_queue_to_others) {
    EngineHouse house;
    set_lane(house, "wide", {.concurrency = 2});
    house.transport().when("/").after(10s);
    const KeyLimit one{.key = "k", .concurrency = 1};
    for (const char* path : {"http://t.test/a", "http://t.test/b"})
        house.add({.url = path, .queue = "wide", .key_limits = {one}});
    house.add({.url = "http://t.test/c", .queue = "wide"});
    house.add({.url = "http://t.test/d", .queue = "wide"});
    house.run_for(5s);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "c"}));
    house.run_for(10s);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "c", "b", "d"}));
}

TEST(EngineFlow, the_head_of_a_serial_queue_waits_for_its_key_and_nobody_overtakes_it) {
    EngineHouse house;
    house.transport().when("/").after(10s);
    const KeyLimit one{.key = "k", .concurrency = 1};
    house.add({.url = "http://t.test/holds", .key_limits = {one}});
    house.add({.url = "http://t.test/head", .queue = "mail", .key_limits = {one}});
    house.add({.url = "http://t.test/next", .queue = "mail"});
    house.run_for(15s);
    EXPECT_EQ(house.transport().paths(), (Paths{"holds", "head"}));
    house.run_for(10s);
    EXPECT_EQ(house.transport().paths(), (Paths{"holds", "head", "next"}));
}

TEST(EngineFlow, a_head_that_is_cancelled_while_it_waits_for_its_key_frees_its_queue) {
    EngineHouse house;
    house.transport().when("/").after(1h);
    const KeyLimit one{.key = "k", .concurrency = 1};
    house.add({.url = "http://t.test/holds", .key_limits = {one}});
    const Id head = house.add({.url = "http://t.test/head", .queue = "mail", .key_limits = {one}});
    house.add({.url = "http://t.test/next", .queue = "mail"});
    house.run_for(1s);
    house.store().cancel(head, house.clock.now());
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"holds", "next"}));
}

TEST(EngineFlow, the_next_to_start_brings_the_numbers_that_hold) {
    EngineHouse house;
    house.transport().when("/").after(1h);
    for (const int concurrency : {1, 1, 3, 3, 3}) house.add({.key_limits = {{.key = "k", .concurrency = concurrency}}});
    house.run_for(1s);
    EXPECT_GE(house.transport().open(), 1u);
    EXPECT_LE(house.transport().open(), 3u);
}

TEST(EngineFlow, an_edited_task_brings_its_new_keys) {
    EngineHouse house;
    house.transport().when("/").after(1h);
    const KeyLimit one{.key = "k", .concurrency = 1};
    house.add({.url = "http://t.test/holds", .key_limits = {one}});
    const Id id = house.add({.url = "http://t.test/edited", .key_limits = {one}});
    house.run_for(1s);
    Task task = house.disk.tasks.at(id);
    task.key_limits.clear();
    task.scheduled_at = house.clock.now();
    house.store().update(task, first_timer(task));
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), (Paths{"holds", "edited"}));
}

TEST(EngineFlow, what_started_before_a_crash_counts_in_its_rates) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "mail")] = {.concurrency = 10,
                                                 .rate = Rate{.count = 2, .period = 1min, .burst = 2}};
    const KeyLimit slow{.key = "k", .rate = Rate{.count = 1, .period = 1min}};
    house.transport().when("/").after(5s);
    for (int i = 0; i < 4; ++i) house.add({.url = "http://t.test/mail", .queue = "mail"});
    for (int i = 0; i < 2; ++i) house.add({.url = "http://t.test/key", .key_limits = {slow}});
    house.run_for(10s);  // the first ones have ended
    EXPECT_EQ(house.transport().paths(), (Paths{"mail", "mail", "key"}));
    house.clock.advance(30s);
    house.crash();
    house.run_for(19s);
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(2s);
    EXPECT_EQ(house.transport().sent().size(), 3u);
}

TEST(EngineFlow, what_a_crash_interrupted_counts_too) {
    EngineHouse house;
    const KeyLimit slow{.key = "k", .rate = Rate{.count = 1, .period = 1min}};
    house.transport().when("/").never_answers();
    house.add({.key_limits = {slow}});
    house.run_for(10s);
    house.crash();
    house.run_for(49s);
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(2s);
    EXPECT_EQ(house.transport().sent().size(), 1u);
}

// ---- organizations -----------------------------------------------------------------------------------------------

TEST(EngineFlow, an_organization_has_no_more_out_than_its_cap) {
    EngineHouse house;
    house.directory.organizations[1] = {.concurrency = 2};
    house.transport().when("/").after(10s);
    for (int i = 0; i < 5; ++i) house.add({.organization = 1, .url = "http://t.test/a"});
    house.add({.organization = 2, .url = "http://t.test/b"});
    house.run_for(5s);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "b", "a"}));
    house.directory.organizations[1] = {.concurrency = 4};
    house.inbox().settings_changed({.organization = 1});
    house.settle();
    EXPECT_EQ(house.transport().open(), 5u);
    house.run_for(1min);
    EXPECT_EQ(house.disk.executions.size(), 6u);
}

TEST(EngineFlow, an_organization_whose_quota_is_used_up_waits_until_it_is_there_again) {
    EngineHouse house;
    house.run_for(1s);
    house.directory.organizations[1] = {.quota_until = house.clock.now() + 1h};
    house.add({.organization = 1});
    house.add({.organization = 2});
    house.run_for(59min);
    EXPECT_EQ(house.transport().sent().size(), 1u);
    house.run_for(2min);
    EXPECT_EQ(house.transport().sent().size(), 2u);
}

TEST(EngineFlow, turns_follow_the_weights) {
    EngineHouse house({.in_flight_max = 9});
    house.directory.organizations[1] = {.weight = 2};
    house.transport().when("/").after(1s);
    for (int i = 0; i < 60; ++i) {
        house.add({.organization = 1, .url = "http://t.test/a"});
        house.add({.organization = 2, .url = "http://t.test/b"});
    }
    house.run_for(2s + 500ms);
    const Paths paths = house.transport().paths();
    EXPECT_EQ(paths.size(), 27u);
    EXPECT_EQ(std::count(paths.begin(), paths.end(), "a"), 18);
}

// All its calls were sent at once and take half a minute; still there is room for whoever comes.
TEST(EngineFlow, long_calls_of_one_organization_leave_room_for_another) {
    EngineHouse house({.in_flight_max = 100});
    house.transport().when("/a").after(30s);
    for (int i = 0; i < 5'000; ++i) house.add({.organization = 1, .url = "http://t.test/a"});
    house.run_for(1s);
    for (int i = 0; i < 40; ++i) {
        house.add({.organization = 2, .url = "http://t.test/b"});
        house.run_for(1s);
    }
    const Paths paths = house.transport().paths();
    EXPECT_EQ(std::count(paths.begin(), paths.end(), "b"), 40);
    for (const auto& [id, execution] : house.disk.executions)
        if (execution.organization == 2) EXPECT_LT(*execution.started_at - execution.scheduled_for, 1s);
}

// tests/micro/fairness_bench.cpp measures the same with a million, in time.
TEST(EngineFlow, many_due_tasks_of_one_organization_do_not_stand_before_anothers) {
    EngineHouse house;
    const Timestamp due = house.clock.now() + 10s;
    for (int i = 0; i < 30'000; ++i) house.add({.organization = 1, .url = "http://t.test/a", .due = due});
    house.add({.organization = 2, .url = "http://t.test/b", .due = due});
    house.store().settle();
    house.run_for(10s - 1ms);
    EXPECT_TRUE(house.transport().sent().empty());
    house.clock.advance(1ms);
    house.engine().tick();
    const Paths paths = house.transport().paths();
    ASSERT_FALSE(paths.empty());
    EXPECT_EQ(std::count(paths.begin(), paths.end(), "b"), 1) << "it takes its turn at once, though it is the last";
}

TEST(EngineFlow, tasks_that_became_due_while_it_was_down_do_not_stand_before_anothers) {
    EngineHouse house;
    for (int i = 0; i < 30'000; ++i)
        house.add({.organization = 1, .url = "http://t.test/a", .due = house.clock.now() + 1h});
    house.add({.organization = 2, .url = "http://t.test/b", .due = house.clock.now() + 1h});
    house.store().settle();
    house.clock.advance(48h);
    house.crash();
    while (house.transport().sent().empty()) {
        house.engine().tick();
        house.store().settle();
    }
    house.engine().tick();
    const Paths paths = house.transport().paths();
    EXPECT_LT(std::find(paths.begin(), paths.end(), "b") - paths.begin(), 2'000);
}

}  // namespace
}  // namespace punkt::engine

// Target hosts that fail, with the engine: what waits for them, in which order it goes on, and what becomes of its
// lane.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;

const Options with_breaker{.hosts = {.has_breaker = true}};

/// Three calls fail, and the host is blocked for 30 s.
void block(EngineHouse& house) {
    house.transport().when("bad").answers(500);
    for (int i = 0; i < 3; ++i) house.add({.url = "http://t.test/bad"});
    house.run_for(1s);
    ASSERT_EQ(house.blocks.stored.size(), 1u);
}

std::vector<HostState> states(EngineHouse& house) {
    std::vector<HostState> found;
    house.inbox().ask(
        HostsQuestion{.organization = 1, .done = [&](std::vector<HostState> hosts) { found = std::move(hosts); }});
    house.engine().tick();
    return found;
}

std::size_t sent_to(EngineHouse& house, const std::string& part) {
    const auto paths = house.transport().paths();
    return static_cast<std::size_t>(std::count(paths.begin(), paths.end(), part));
}

TEST(EngineHosts, a_run_waits_for_its_blocked_host_and_is_the_same_attempt) {
    EngineHouse house(with_breaker);
    block(house);
    const Id task = house.add({.url = "http://t.test/good"});
    house.add({.url = "http://other.test/other"});
    house.run_for(20s);
    EXPECT_EQ(sent_to(house, "good"), 0u);
    EXPECT_EQ(sent_to(house, "other"), 1u);
    EXPECT_EQ(states(house).front().waiting, 1u);
    house.run_for(12s);
    EXPECT_EQ(house.execution(task).status, Status::success);
    EXPECT_EQ(house.execution(task).attempt, 1);
}

TEST(EngineHosts, a_run_that_waits_can_say_why) {
    EngineHouse house(with_breaker);
    block(house);
    const Timestamp until = house.blocks.stored.front().saved.until;
    const Id task = house.add({.url = "http://t.test/good"});
    house.run_for(1s);
    std::optional<Why> why;
    house.inbox().ask(WhyQuestion{.timer = house.disk.timers.at(task),
                                  .task = std::make_shared<const Task>(house.disk.tasks.at(task)),
                                  .done = [&](Why answer) { why = std::move(answer); }});
    house.engine().tick();
    ASSERT_TRUE(why);
    const auto gate = std::find_if(why->gates.begin(), why->gates.end(),
                                   [](const GateReport& each) { return each.gate == Gate::host; });
    ASSERT_NE(gate, why->gates.end());
    EXPECT_TRUE(gate->holds);
    EXPECT_EQ(gate->name, "t.test");
    EXPECT_EQ(gate->until, until);
}

TEST(EngineHosts, what_piled_up_comes_as_a_ramp_and_not_as_a_herd) {
    EngineHouse house(with_breaker);
    block(house);
    house.transport().when("good").after(1s);
    for (int i = 0; i < 20; ++i) house.add({.url = "http://t.test/good"});
    house.run_for(28s);
    EXPECT_EQ(sent_to(house, "good"), 0u);
    std::vector<std::size_t> together;
    for (std::size_t before = 0; before < 20; before = sent_to(house, "good")) {
        house.run_for(1s);
        if (sent_to(house, "good") > before) together.push_back(sent_to(house, "good") - before);
        ASSERT_LE(together.size(), 20u);
    }
    EXPECT_EQ(together, (std::vector<std::size_t>{1, 2, 4, 8, 5}));
    house.run_for(2s);
    EXPECT_EQ(states(house).front().waiting, 0u);
}

TEST(EngineHosts, a_serial_queue_keeps_its_order_and_a_wide_one_lets_other_hosts_pass) {
    EngineHouse house(with_breaker);
    house.directory.lanes[lane_of(1, "wide")] = {.concurrency = 1'000};
    house.directory.lanes[lane_of(1, "narrow")] = {.concurrency = 2};
    block(house);
    house.add({.url = "http://t.test/serial1", .queue = "serial"});
    house.add({.url = "http://other.test/serial2", .queue = "serial"});
    for (const char* path : {"narrow1", "narrow2", "narrow3"})
        house.add({.url = fmt::format("http://t.test/{}", path), .queue = "narrow"});
    house.add({.url = "http://other.test/narrow4", .queue = "narrow"});
    house.run_for(20s);
    EXPECT_EQ(house.transport().paths(), (Paths{"bad", "bad", "bad", "narrow4"}));
    house.run_for(20s);
    Paths paths = house.transport().paths();
    const auto place = [&](const char* path) { return std::find(paths.begin(), paths.end(), path); };
    EXPECT_EQ(paths.size(), 9u);
    EXPECT_LT(place("serial1"), place("serial2"));
}

TEST(EngineHosts, an_organization_with_few_places_is_not_stopped_by_one_blocked_host) {
    EngineHouse house(with_breaker);
    house.directory.organizations[1] = {.concurrency = 2};
    block(house);
    for (int i = 0; i < 5; ++i) house.add({.url = "http://t.test/good"});
    house.run_for(1s);
    for (int i = 0; i < 5; ++i) house.add({.url = "http://other.test/other"});
    house.run_for(5s);
    EXPECT_EQ(sent_to(house, "other"), 5u);
    house.run_for(40s);
    EXPECT_EQ(sent_to(house, "good"), 5u);
}

TEST(EngineHosts, a_cancelled_head_that_waits_for_its_host_gives_its_queue_free) {
    EngineHouse house(with_breaker);
    block(house);
    const Id head = house.add({.url = "http://t.test/head", .queue = "serial"});
    house.add({.url = "http://other.test/next", .queue = "serial"});
    house.run_for(1s);
    EXPECT_EQ(sent_to(house, "next"), 0u);
    house.store().cancel(head, house.clock.now());
    house.run_for(1s);
    EXPECT_EQ(sent_to(house, "next"), 1u);
    house.run_for(1min);
    EXPECT_EQ(sent_to(house, "head"), 0u);
}

TEST(EngineHosts, a_retry_waits_for_the_end_of_the_block_too) {
    EngineHouse house(with_breaker);
    house.transport().when("hook").answers(429).retry_after("60").times(1);
    const RetryPolicy quick{.strategy = RetryPolicy::Strategy::fixed, .initial = 1s, .jitter = 0};
    const Id task = house.add({.retries = 1, .retry = quick});
    house.add({.url = "http://target.test/other", .due = house.clock.now() + 5s});
    house.run_for(59s);
    EXPECT_EQ(house.transport().paths(), Paths{"hook"});
    house.run_for(5s);
    EXPECT_EQ(house.transport().paths().size(), 3u);
    EXPECT_EQ(house.statuses(task), (std::vector{Status::failed, Status::success}));
}

TEST(EngineHosts, a_block_outlives_a_crash) {
    EngineHouse house(with_breaker);
    block(house);
    house.crash();
    house.add({.url = "http://t.test/good"});
    house.run_for(20s);
    EXPECT_EQ(sent_to(house, "good"), 0u);
    house.run_for(12s);
    EXPECT_EQ(sent_to(house, "good"), 1u);
}

TEST(EngineHosts, a_reset_lets_go_at_once) {
    EngineHouse house(with_breaker);
    block(house);
    house.add({.url = "http://t.test/good"});
    house.run_for(1s);
    bool was_known = false;
    house.inbox().reset_host({.organization = 1, .host = "t.test", .done = [&](bool known) { was_known = known; }});
    house.run_for(1s);
    EXPECT_TRUE(was_known);
    EXPECT_EQ(sent_to(house, "good"), 1u);
    EXPECT_TRUE(house.blocks.stored.empty());
}

/// A host that works on 20 calls at once, each for 100 ms; beyond that they slow each other down.
TEST(EngineHosts, adaptive_concurrency_finds_what_a_slow_host_takes) {
    EngineHouse house({.hosts = {.adaptive = {.is_on = true, .max = 500}}});
    house.transport().when("x").after(100ms);
    for (int i = 0; i < 20'000; ++i) house.add({.url = "http://t.test/x"});
    house.run_for(1ms);
    int most = 0, least = 500;
    for (int step = 0; step < 600; ++step) {
        const int limit = *states(house).front().adaptive_limit;
        EXPECT_LE(static_cast<int>(house.transport().open()), limit);
        if (step > 300) most = std::max(most, limit), least = std::min(least, limit);
        house.transport().when("x").after(Milliseconds{std::max(100, limit * 100 / 20)});
        house.run_for(100ms);
    }
    EXPECT_GE(least, 15);
    EXPECT_LE(most, 60);
    EXPECT_GT(house.disk.executions.size(), 5'000u) << "it gets about what it can do, 200 a second";
}

}  // namespace
}  // namespace punkt::engine

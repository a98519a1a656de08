// What the engine answers to "why has this not run yet".
#include "engine/why.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;

Why why(EngineHouse& house, Id execution) {
    Why answer;
    const Timer timer = house.disk.timers.at(execution);
    auto task = std::make_shared<const Task>(house.disk.tasks.at(timer.task));
    house.inbox().ask(WhyQuestion{.timer = timer, .task = task, .done = [&](Why found) { answer = std::move(found); }});
    house.engine().tick();
    return answer;
}

const GateReport& at(const Why& why, Gate gate) {
    return *std::find_if(why.gates.begin(), why.gates.end(), [gate](const auto& one) { return one.gate == gate; });
}

std::vector<Gate> holding_gates(const Why& why) {
    std::vector<Gate> found;
    for (const auto& gate : why.gates)
        if (gate.holds) found.push_back(gate.gate);
    return found;
}

TEST(Why, what_is_not_due_starts_exactly_when_it_is) {
    EngineHouse house;
    const Id id = house.add({.due = house.clock.now() + 1h});
    house.run_for(1s);
    const Why answer = why(house, id);
    EXPECT_EQ(holding_gates(answer), std::vector{Gate::start_time});
    EXPECT_EQ(answer.forecast, Forecast::exact);
    EXPECT_EQ(answer.predicted, house.clock.now() + 1h - 1s);
    EXPECT_EQ(answer.gates.size(), gates.size());
}

TEST(Why, what_is_out_says_since_when) {
    EngineHouse house;
    house.transport().when("/").never_answers();
    const Id id = house.add({});
    house.run_for(5s);
    const Why answer = why(house, id);
    EXPECT_TRUE(answer.is_running);
    EXPECT_EQ(answer.started_at, house.clock.now() - 5s);
    EXPECT_EQ(answer.deliveries, 1);
}

TEST(Why, behind_a_retry_it_waits_for_that_and_names_it) {
    EngineHouse house;
    house.transport().when("/a").answers(500);
    house.add({.url = "http://t.test/a", .retries = 1, .queue = "mail"});
    house.add({.queue = "mail"});
    const Id last = house.add({.queue = "mail"});
    house.run_for(1s);
    const Timer retry = std::find_if(house.disk.timers.begin(), house.disk.timers.end(), [](const auto& entry) {
                            return entry.second.attempt == 2;
                        })->second;
    const Why answer = why(house, last);
    EXPECT_EQ(at(answer, Gate::order).held_by, std::vector{retry.id});
    EXPECT_EQ(at(answer, Gate::order).until, retry.due);
    EXPECT_FALSE(at(answer, Gate::concurrency).holds);
    EXPECT_EQ(answer.ahead, 1);
}

TEST(Why, a_wide_queue_names_who_takes_its_slots_and_estimates_from_how_long_runs_take) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "wide")] = {.concurrency = 2};
    house.transport().when("/").after(10s);
    std::vector<Id> ids;
    for (int i = 0; i < 8; ++i) ids.push_back(house.add({.queue = "wide"}));
    house.run_for(15s);
    const Why answer = why(house, ids[7]);
    EXPECT_EQ(at(answer, Gate::concurrency).held_by, (std::vector{ids[2], ids[3]}));
    EXPECT_EQ(at(answer, Gate::concurrency).slots, (Slots{2, 2}));
    EXPECT_EQ(answer.ahead, 3);
    const Timestamp said = *answer.predicted;
    EXPECT_EQ(answer.forecast, Forecast::estimate);
    house.run_for(1min);
    EXPECT_LT(std::chrono::abs(*house.execution(ids[7]).started_at - said), 10s);
}

TEST(Why, a_paused_queue_has_no_forecast) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "mail")] = {.is_paused = true};
    const Id id = house.add({.queue = "mail"});
    house.run_for(1s);
    const Why answer = why(house, id);
    EXPECT_EQ(holding_gates(answer), std::vector{Gate::paused});
    EXPECT_EQ(answer.forecast, Forecast::none);
    EXPECT_FALSE(answer.predicted);
}

TEST(Why, a_key_names_those_inside_and_a_rate_the_time) {
    EngineHouse house;
    house.transport().when("/").never_answers();
    const KeyLimit full{.key = "full", .concurrency = 1};
    const KeyLimit slow{.key = "slow", .rate = Rate{.count = 1, .period = 1min}};
    const Id holder = house.add({.key_limits = {full, slow}});
    const Id behind = house.add({.key_limits = {full, slow}});
    house.run_for(1s);
    const Why answer = why(house, behind);
    std::vector<GateReport> keys;
    for (const auto& gate : answer.gates)
        if (gate.gate == Gate::key_limits) keys.push_back(gate);
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].name, "full");
    EXPECT_EQ(keys[0].held_by, std::vector{holder});
    EXPECT_EQ(keys[1].name, "slow");
    EXPECT_EQ(keys[1].until, house.clock.now() + 59s);
}

TEST(Why, the_cap_of_its_organization_holds_it_too) {
    EngineHouse house;
    house.directory.organizations[1] = {.concurrency = 1};
    house.transport().when("/").never_answers();
    house.add({});
    const Id id = house.add({});
    house.run_for(1s);
    const Why answer = why(house, id);
    EXPECT_EQ(holding_gates(answer), std::vector{Gate::organization});
    EXPECT_EQ(at(answer, Gate::organization).slots, (Slots{1, 1}));
}

}  // namespace
}  // namespace punkt::engine

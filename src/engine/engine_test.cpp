// What starts when. Retries, cron, changes by the API and failures of the store have files of their own.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::EngineHouse;
using Paths = std::vector<std::string>;

TEST(Engine, calls_an_immediate_task_and_records_its_outcome) {
    EngineHouse house;
    house.transport().when("/a").answers(201).after(40ms).body("thanks");
    const Id task = house.add({.url = "http://target.test/a", .body = "hello"});
    house.run_for(1s);
    ASSERT_EQ(house.transport().sent().size(), 1u);
    const auto& sent = house.transport().sent()[0];
    EXPECT_EQ(sent.request.url, "http://target.test/a");
    EXPECT_EQ(*sent.request.body, "hello");
    EXPECT_EQ(sent.header("punkt-attempt"), "1");
    EXPECT_EQ(sent.header("punkt-delivery"), "1");
    const Execution execution = house.execution(task);
    EXPECT_EQ(execution.status, Status::success);
    EXPECT_EQ(execution.status_code, 201);
    EXPECT_EQ(execution.response_body, "thanks");
    EXPECT_EQ(*execution.finished_at - *execution.started_at, 40ms);
    EXPECT_TRUE(house.disk.timers.empty());
    EXPECT_TRUE(house.disk.flights.empty());
    EXPECT_TRUE(house.engine().is_drained());
}

TEST(Engine, starts_a_delayed_task_at_its_millisecond) {
    EngineHouse house;
    const Timestamp due = house.clock.now() + 90min + 7ms;
    house.add({.due = due});
    house.run_for(90min + 6ms);
    EXPECT_TRUE(house.transport().sent().empty());
    house.run_for(1ms);
    ASSERT_EQ(house.transport().sent().size(), 1u);
    EXPECT_EQ(house.transport().sent()[0].at, due);
}

TEST(Engine, starts_what_was_due_while_it_was_down) {
    EngineHouse house;
    house.add({.url = "http://target.test/late", .due = house.clock.now() + 10min});
    house.run_for(1s);
    house.clock.advance(48h);
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.transport().paths(), Paths{"late"});
}

TEST(Engine, starts_nothing_before_it_knows_what_is_stored) {
    EngineHouse house;
    house.add({.url = "http://target.test/old"});
    house.settle();
    house.crash();
    house.store().load_tasks({});  // something else is read first
    house.engine().tick();
    house.add({.url = "http://target.test/new"});
    house.store().commit(1);
    house.store().tell();
    house.engine().tick();
    EXPECT_TRUE(house.transport().sent().empty());
    EXPECT_GT(house.engine().idle_for(), 0ms);  // and does not turn in circles meanwhile
}

TEST(Engine, a_crash_repeats_what_was_in_flight_with_a_higher_delivery_number) {
    EngineHouse house;
    house.transport().when("/a").never_answers();
    const Id task = house.add({.url = "http://target.test/a"});
    house.run_for(1s);
    house.crash();
    house.run_for(1s);
    ASSERT_EQ(house.transport().sent().size(), 1u);
    const auto& again = house.transport().sent()[0];
    EXPECT_EQ(again.header("punkt-delivery"), "2");
    EXPECT_EQ(again.header("punkt-attempt"), "1");
    EXPECT_EQ(house.execution(task).deliveries, 2);
}

TEST(Engine, a_serial_queue_runs_one_at_a_time_in_the_order_of_acceptance) {
    EngineHouse house;
    house.transport().when("/").after(3s);
    for (const char* url : {"http://t.test/1", "http://t.test/2", "http://t.test/3"})
        house.add({.url = url, .queue = "mail"});
    house.run_for(2s);
    EXPECT_EQ(house.transport().paths(), Paths{"1"});
    house.run_for(2s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2"}));
    house.run_for(3s);
    EXPECT_EQ(house.transport().paths(), (Paths{"1", "2", "3"}));
}

TEST(Engine, the_next_of_a_serial_queue_waits_until_the_outcome_is_on_disk) {
    EngineHouse house;
    house.add({.url = "http://t.test/1", .queue = "mail"});
    house.add({.url = "http://t.test/2", .queue = "mail"});
    house.store().settle();
    house.engine().tick();
    house.store().settle();
    house.engine().tick();
    ASSERT_EQ(house.transport().sent().size(), 1u);
    house.transport().deliver();
    house.engine().tick();
    house.engine().tick();
    EXPECT_EQ(house.transport().sent().size(), 1u);
    house.store().settle();
    house.engine().tick();
    EXPECT_EQ(house.transport().sent().size(), 2u);
}

TEST(Engine, a_queue_with_concurrency_runs_so_many_at_once) {
    EngineHouse house;
    house.directory.lanes[lane_of(1, "wide")] = {.concurrency = 3};
    house.transport().when("/").after(10s);
    for (int i = 0; i < 5; ++i) house.add({.queue = "wide"});
    house.run_for(5s);
    EXPECT_EQ(house.transport().sent().size(), 3u);
    house.run_for(10s);
    EXPECT_EQ(house.transport().sent().size(), 5u);
}

TEST(Engine, a_more_urgent_task_overtakes_unless_the_other_has_waited_a_minute_per_level) {
    EngineHouse house;
    house.transport().when("/").after(1s);
    house.transport().when("/first").after(5min);
    house.add({.url = "http://t.test/first", .queue = "mail"});
    house.run_for(1s);
    house.add({.url = "http://t.test/old", .queue = "mail", .priority = 5});
    house.run_for(3min + 30s);
    house.add({.url = "http://t.test/less", .queue = "mail", .priority = 2});
    house.add({.url = "http://t.test/urgent", .queue = "mail", .priority = 1});
    house.run_for(5min);
    EXPECT_EQ(house.transport().paths(), (Paths{"first", "urgent", "old", "less"}));
}

TEST(Engine, organizations_take_turns_when_not_everything_can_be_out_at_once) {
    EngineHouse house({.in_flight_max = 2});
    house.transport().when("/").after(1s);
    for (int i = 0; i < 6; ++i) house.add({.organization = 1, .url = "http://t.test/a"});
    house.add({.organization = 2, .url = "http://t.test/b"});
    house.run_for(500ms);
    EXPECT_EQ(house.transport().paths(), (Paths{"a", "b"}));
}

TEST(Engine, never_has_more_out_than_it_may_even_when_tasks_are_read_late) {
    EngineHouse house({.in_flight_max = 10, .cache_bytes_max = 1});
    house.transport().when("/").after(10s);
    for (int i = 0; i < 50; ++i) house.add({.organization = 1 + i % 2});
    for (int i = 0; i < 20; ++i) {
        house.store().commit(100);
        while (house.store().untold() > 0) house.store().tell();
        house.engine().tick();
        if (i == 10) house.store().settle();
        EXPECT_LE(house.engine().in_flight(), 10u);
    }
    house.settle();
    EXPECT_EQ(house.engine().in_flight(), 10u);
    house.run_for(60s);
    EXPECT_EQ(house.disk.executions.size(), 50u);
}

TEST(Engine, does_bounded_work_in_a_tick_and_asks_for_the_next_one_at_once) {
    EngineHouse house({.starts_per_tick_max = 3});
    house.run_for(1s);
    for (int i = 0; i < 10; ++i) house.add({});
    house.store().settle();
    house.engine().tick();
    EXPECT_EQ(house.transport().sent().size(), 3u);
    EXPECT_EQ(house.engine().idle_for(), 0ms);
    house.settle();
    EXPECT_EQ(house.transport().sent().size(), 10u);
    EXPECT_GT(house.engine().idle_for(), 0ms);
}

TEST(Engine, a_small_cache_costs_reads_and_nothing_else) {
    EngineHouse house({.cache_bytes_max = 1});
    for (int i = 0; i < 30; ++i) house.add({.body = std::string(1'000, 'x'), .due = house.clock.now() + 5s});
    house.run_for(6s);
    EXPECT_EQ(house.transport().sent().size(), 30u);
    for (const auto& sent : house.transport().sent()) EXPECT_EQ(sent.at, house.transport().sent()[0].at);
}

TEST(Engine, starts_nothing_once_it_drains_and_records_what_still_comes) {
    EngineHouse house;
    house.transport().when("/slow").after(5s);
    const Id out = house.add({.url = "http://t.test/slow"});
    house.run_for(1s);
    house.engine().stop_starting();
    house.add({.url = "http://t.test/new"});
    house.run_for(1s);
    EXPECT_FALSE(house.engine().is_drained());
    house.run_for(10s);
    EXPECT_TRUE(house.engine().is_drained());
    EXPECT_EQ(house.transport().paths(), Paths{"slow"});
    EXPECT_EQ(house.execution(out).status, Status::success);
}

TEST(Engine, what_the_closing_transport_gives_up_runs_again_after_the_start) {
    EngineHouse house;
    house.transport().when("/slow").never_answers();
    const Id task = house.add({.url = "http://t.test/slow"});
    house.run_for(1s);
    house.engine().stop_starting();
    house.transport().close();
    house.settle();
    EXPECT_TRUE(house.engine().is_drained());
    EXPECT_TRUE(house.disk.executions.empty());
    house.crash();
    house.run_for(1s);
    EXPECT_EQ(house.execution(task).status, Status::success);
    EXPECT_EQ(house.execution(task).deliveries, 2);
}

TEST(Engine, signs_with_the_secret_of_the_organization) {
    EngineHouse house;
    house.directory.secret = "whsec_test";
    house.add({.body = R"({"hello":"world"})"});
    house.run_for(1s);
    EXPECT_EQ(house.transport().sent()[0].header("x-runlater-signature"),
              "sha256=07ea4d7892d3dc4bae220d9930afa38c458a997b2f716a0a6159e17798be1d28");
}

}  // namespace
}  // namespace punkt::engine

#include "app/simulation/simulation.h"

#include <gtest/gtest.h>

#include "app/simulation/declared_queues.h"
#include "app/simulation/declared_tasks.h"
#include "app/simulation/report_text.h"
#include "base/time_text.h"
#include "core/schedule.h"

namespace punkt::app {
namespace {

const Timestamp monday = *parse_rfc3339("2026-03-02T00:00:00Z");

Task every(std::string name, std::string cron, std::string queue = {}) {
    Task task{.kind = TaskKind::cron, .name = std::move(name), .url = "http://example.com/", .cron = std::move(cron)};
    task.queue = std::move(queue);
    return task;
}

SimulationReport run(std::vector<Task> tasks, std::chrono::hours time, SimulationInput input = {}) {
    input.from = monday;
    input.until = monday + time;
    for (Task& task : tasks)
        if (task.kind == TaskKind::cron) task.next_run_at = Schedule::create(task)->next(input.from);
    input.tasks = std::move(tasks);
    auto report = simulate(std::move(input));
    EXPECT_TRUE(report) << report.error().message;
    return *report;
}

TEST(Simulation, counts_the_runs_of_a_week) {
    const auto report = run({every("a", "*/10 * * * *"), every("b", "0 9 * * MON-FRI")}, std::chrono::hours{7 * 24});
    EXPECT_EQ(report.tasks[0].runs, 7 * 24 * 6 - 1);  // not the one at the first instant itself
    EXPECT_EQ(report.tasks[1].runs, 5);
    EXPECT_EQ(report.tasks[1].first_runs[0], monday + std::chrono::hours{9});
    EXPECT_EQ(report.runs, 7 * 24 * 6 - 1 + 5);
    EXPECT_EQ(report.load.busiest.starts, 2);
    EXPECT_EQ(report.load.in_flight_max, 2);
    EXPECT_EQ(report.end, SimulationEnd::complete);
}

TEST(Simulation, sees_runs_overlap_that_take_longer_than_their_interval) {
    Task allowed = every("allowed", "* * * * *"), skipped = every("skipped", "* * * * *");
    skipped.overlap = Overlap::skip;
    SimulationInput input{.durations = {{"allowed", Milliseconds{90'000}}, {"skipped", Milliseconds{90'000}}}};
    const auto report = run({allowed, skipped}, std::chrono::hours{1}, input);
    EXPECT_EQ(report.tasks[0].runs, 59);
    EXPECT_EQ(report.tasks[0].overlaps, 58);
    EXPECT_EQ(report.tasks[1].overlaps, 0);
    EXPECT_EQ(report.tasks[1].runs, 30);
    EXPECT_EQ(report.tasks[1].missed, 29);
}

TEST(Simulation, lets_a_serial_queue_wait_and_a_wider_one_less) {
    const std::vector<Task> tasks{every("a", "0 * * * *", "q"), every("b", "0 * * * *", "q"),
                                  every("c", "0 * * * *", "q")};
    SimulationInput input{
        .durations = {{"a", Milliseconds{60'000}}, {"b", Milliseconds{60'000}}, {"c", Milliseconds{60'000}}}};
    const auto serial = run(tasks, std::chrono::hours{5}, input);
    EXPECT_EQ(serial.load.in_flight_max, 1);
    EXPECT_EQ(serial.queues.at("q").longest_wait, Milliseconds{120'000});
    EXPECT_EQ(serial.queues.at("q").runs, 12);
    input.queues["q"] = {.concurrency = 3};
    const auto wide = run(tasks, std::chrono::hours{5}, input);
    EXPECT_EQ(wide.load.in_flight_max, 3);
    EXPECT_EQ(wide.queues.at("q").longest_wait, Milliseconds{0});
    EXPECT_EQ(wide.limits.at(0).busiest.starts, 3);
    EXPECT_EQ(wide.limits.at(0).waiting_minutes, 0);
}

TEST(Simulation, obeys_the_rate_of_a_queue) {
    std::vector<Task> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(every("t" + std::to_string(i), "0 12 * * *", "q"));
    SimulationInput input;
    input.queues["q"] = {.concurrency = 100, .rate = Rate{.count = 1, .period = Milliseconds{60'000}}};
    const auto rated = run(tasks, std::chrono::hours{24}, input);
    EXPECT_EQ(rated.runs, 10);
    EXPECT_EQ(rated.queues.at("q").longest_wait, Milliseconds{9 * 60'000});
}

TEST(Simulation, obeys_the_cap_of_the_organization) {
    SimulationInput input{.concurrency = 2};
    std::vector<Task> tasks;
    for (int i = 0; i < 6; ++i) {
        tasks.push_back(every("t" + std::to_string(i), "0 12 * * *"));
        input.durations[tasks.back().name] = Milliseconds{60'000};
    }
    const auto capped = run(tasks, std::chrono::hours{24}, input);
    EXPECT_EQ(capped.load.in_flight_max, 2);
    EXPECT_EQ(capped.runs, 6);
    input.concurrency = 0;
    EXPECT_EQ(run(tasks, std::chrono::hours{24}, input).load.in_flight_max, 6);
}

TEST(Simulation, counts_each_minute_of_a_queue_that_does_not_suffice) {
    std::vector<Task> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(every("t" + std::to_string(i), "0 12 * * *", "q"));
    SimulationInput input;
    for (const Task& task : tasks) input.durations[task.name] = Milliseconds{90'000};
    const auto report = run(tasks, std::chrono::hours{24}, input);
    const Timestamp noon = monday + std::chrono::hours{12};
    ASSERT_EQ(report.limits.size(), 1u);
    const SimulatedLoad& load = report.limits[0];
    EXPECT_EQ(load.name, "q");
    // 12:00:00 one, 12:01:30 the next, 12:03:00 the last until 12:04:30.
    const std::vector<std::tuple<int, int, int, int>> expected{
        {0, 1, 1, 2}, {1, 1, 1, 2}, {2, 0, 1, 1}, {3, 1, 1, 1}, {4, 0, 1, 0}};
    ASSERT_EQ(load.minutes.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& [minute, starts, in_flight, waiting] = expected[i];
        EXPECT_EQ(load.minutes[i].at, noon + std::chrono::minutes{minute});
        EXPECT_EQ(load.minutes[i].starts, starts) << minute;
        EXPECT_EQ(load.minutes[i].in_flight, in_flight) << minute;
        EXPECT_EQ(load.minutes[i].waiting, waiting) << minute;
    }
    EXPECT_EQ(load.waiting_minutes, 4);
    EXPECT_EQ(load.waiting_max, 2);
    EXPECT_EQ(report.load.minutes.size(), load.minutes.size());
}

TEST(Simulation, counts_the_load_of_each_key_of_limits) {
    std::vector<Task> tasks{every("a", "0 * * * *"), every("b", "0 * * * *"), every("c", "30 * * * *")};
    for (Task& task : tasks) task.key_limits = {{.key = "customer:42", .concurrency = 1}};
    const auto report = run(tasks, std::chrono::hours{4}, {});
    ASSERT_EQ(report.limits.size(), 1u);
    EXPECT_EQ(report.limits[0].type, SimulatedLoad::Type::key);
    EXPECT_EQ(report.limits[0].starts, 3 + 3 + 4);
    EXPECT_EQ(report.limits[0].in_flight_max, 1);
    EXPECT_EQ(report.limits[0].waiting_minutes, 3);
    EXPECT_TRUE(report.has_all_keys);
}

TEST(Simulation, keeps_no_more_minutes_of_limits_than_it_may) {
    const auto report = run({every("a", "* * * * *", "q")}, std::chrono::hours{2}, {.minutes_max = 10});
    EXPECT_EQ(report.limits.at(0).minutes.size(), 10u);
    EXPECT_FALSE(report.limits.at(0).has_all_minutes);
    EXPECT_EQ(report.limits.at(0).starts, 119);
    EXPECT_EQ(report.load.minutes.size(), 119u);
    EXPECT_TRUE(report.load.has_all_minutes);
}

TEST(Simulation, retries_what_fails_and_does_so_the_same_way_each_time) {
    Task task = every("a", "*/10 * * * *");
    task.retry_attempts = 2;
    task.retry = RetryPolicy{};  // without a policy a recurring task waits for its next instant
    const SimulationInput input{.failure_rate = 0.5, .seed = 7};
    const auto report = run({task}, std::chrono::hours{24 * 7}, input);
    EXPECT_EQ(report.runs, 7 * 24 * 6 - 1);
    EXPECT_GT(report.retries, report.runs / 2);
    EXPECT_GT(report.lost, 0);
    EXPECT_LT(report.lost, report.runs / 4);
    EXPECT_EQ(report.load.starts, report.runs + report.retries);
    const auto again = run({task}, std::chrono::hours{24 * 7}, input);
    EXPECT_EQ(again.retries, report.retries);
    EXPECT_EQ(again.tasks[0].first_runs, report.tasks[0].first_runs);
    EXPECT_NE(run({task}, std::chrono::hours{24 * 7}, {.failure_rate = 0.5, .seed = 8}).retries, report.retries);
}

TEST(Simulation, loses_every_run_when_nothing_succeeds) {
    Task task = every("a", "0 * * * *");
    task.retry_attempts = 1;
    task.retry = RetryPolicy{};
    const auto report = run({task}, std::chrono::hours{6}, {.failure_rate = 1});
    EXPECT_EQ(report.lost, report.runs);
    EXPECT_EQ(report.retries, report.runs);
}

TEST(Simulation, draws_the_load_as_a_row) {
    std::vector<Task> tasks{every("a", "0 6 * * *"), every("b", "0 18 * * *"), every("c", "0 18 * * *")};
    const auto report = run(tasks, std::chrono::hours{24}, {});
    EXPECT_EQ(load_row(report, 4), " ▄ █");
    EXPECT_NE(report_text(report).find("2026-03-02T18:00:00Z  2"), std::string::npos) << report_text(report);
}

TEST(Simulation, leaves_out_what_was_stored_and_has_no_run_any_more) {
    const auto stored = json::Document::parse(
        R"({"tasks": [{"name": "over", "url": "http://a.test/", "schedule_type": "cron", "cron_expression": "0 0 0 1 1 * 2025"},
                      {"name": "still", "url": "http://a.test/", "schedule_type": "cron", "cron_expression": "@daily"}]})");
    const auto tasks = declared_tasks(stored->root(), monday);
    ASSERT_TRUE(tasks) << tasks.error().message;
    ASSERT_EQ(tasks->size(), 1u);
    EXPECT_EQ(tasks->front().name, "still");
}

TEST(Simulation, applies_the_queues_of_a_file) {
    const auto file = json::Document::parse(R"({"queues": [{"name": "q", "concurrency": 4, "rate": "10/s"}]})");
    SimulatedQueues queues{{"q", {.is_paused = true}}, {"other", {.concurrency = 7}}};
    const auto applied = applied_queues(queues, file->root(), false);
    ASSERT_TRUE(applied);
    EXPECT_EQ(applied->at("q").concurrency, 4);
    EXPECT_EQ(applied->at("q").rate->count, 10);
    EXPECT_TRUE(applied->at("q").is_paused);
    EXPECT_EQ(applied->at("other").concurrency, 7);
    EXPECT_EQ(applied_queues(queues, file->root(), true)->at("other").concurrency, 1);
    const auto without = json::Document::parse("{}");
    EXPECT_EQ(applied_queues(queues, without->root(), true)->at("other").concurrency, 7);
    const auto wrong = json::Document::parse(R"({"queues": [{"name": "q", "concurrency": 0}]})");
    EXPECT_NE(applied_queues(queues, wrong->root(), false).error().message.find("queue 'q': concurrency"),
              std::string::npos);
}

TEST(Simulation, names_runs_that_a_change_of_clocks_moves) {
    Task task = every("night", "30 2 * * *");
    task.timezone = "Europe/Oslo";
    const auto spring =
        clock_notes(task, *parse_rfc3339("2026-03-20T00:00:00Z"), *parse_rfc3339("2026-04-01T00:00:00Z"));
    ASSERT_EQ(spring.size(), 1u);
    EXPECT_NE(spring[0].find("2026-03-29T01:00:00Z: in the gap"), std::string::npos) << spring[0];
    EXPECT_EQ(clock_notes(task, monday, monday + std::chrono::hours{48}).size(), 0u);
    task.cron = "*/30 * * * *";
    EXPECT_GE(clock_notes(task, *parse_rfc3339("2026-10-20T00:00:00Z"), *parse_rfc3339("2026-11-01T00:00:00Z")).size(),
              2);
}

TEST(Simulation, does_not_pile_up_runs_behind_a_paused_queue_without_end) {
    const auto report = run({every("a", "* * * * *", "q")}, std::chrono::hours{24},
                            {.queues = {{"q", {.is_paused = true}}}, .runs_max = 50});
    EXPECT_EQ(report.end, SimulationEnd::runs);
    EXPECT_EQ(report.runs, 0);
    EXPECT_EQ(report.load.waiting_max, 50);
    EXPECT_EQ(report.limits.at(0).waiting_minutes, 50);
}

TEST(Simulation, ends_at_its_limits) {
    SimulationInput input{.from = monday, .until = monday + std::chrono::hours{32 * 24}};
    EXPECT_FALSE(simulate(input));
    input.until = monday;
    EXPECT_FALSE(simulate(input));
    const std::vector<Task> tasks{every("a", "* * * * *")};
    EXPECT_EQ(run(tasks, std::chrono::hours{24}, {.runs_max = 50}).end, SimulationEnd::runs);
    EXPECT_EQ(run(tasks, std::chrono::hours{24}, {.is_out_of_time = [] { return true; }}).end, SimulationEnd::time);
}

}  // namespace
}  // namespace punkt::app

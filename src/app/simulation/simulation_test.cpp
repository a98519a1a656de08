#include "app/simulation/simulation.h"

#include <gtest/gtest.h>

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
    EXPECT_EQ(report.busiest.starts, 2);
    EXPECT_EQ(report.out_at_once, 2u);
    EXPECT_TRUE(report.is_complete);
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
    EXPECT_EQ(serial.out_at_once, 1u);
    EXPECT_EQ(serial.queues.at("q").longest_wait, Milliseconds{120'000});
    EXPECT_EQ(serial.queues.at("q").runs, 12);
    input.queues["q"] = {.concurrency = 3};
    const auto wide = run(tasks, std::chrono::hours{5}, input);
    EXPECT_EQ(wide.out_at_once, 3u);
    EXPECT_EQ(wide.queues.at("q").longest_wait, Milliseconds{0});
    EXPECT_EQ(wide.queues.at("q").busiest.starts, 3);
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
    EXPECT_EQ(capped.out_at_once, 2u);
    EXPECT_EQ(capped.runs, 6);
    input.concurrency = 0;
    EXPECT_EQ(run(tasks, std::chrono::hours{24}, input).out_at_once, 6u);
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
              2u);
}

TEST(Simulation, ends_at_its_limits) {
    SimulationInput input{.from = monday, .until = monday + std::chrono::hours{32 * 24}};
    EXPECT_FALSE(simulate(input));
    input.until = monday;
    EXPECT_FALSE(simulate(input));
}

}  // namespace
}  // namespace punkt::app

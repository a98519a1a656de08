#include <fmt/format.h>

#include "end_to_end.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr int connections = 256;
constexpr double budget_per_second = 20'000;
constexpr double budget_cpu_us = 40;
constexpr double limits_cost_max = 1.15;
constexpr int slow_ms = 100;
constexpr double slow_budget_per_second = 10'000;
constexpr std::size_t tasks_per_second_max = 100'000;  // how many the sink makes room for

std::size_t room_for(std::chrono::milliseconds duration) {
    return tasks_per_second_max * static_cast<std::size_t>(duration.count()) / 1'000;
}

}  // namespace

Result<void> measure_end_to_end(Bench& bench) {
    const std::chrono::milliseconds duration(bench.by_size(3'000, 10'000, 20'000));
    auto stage = set_stage(bench, room_for(duration));
    if (!stage) return stage.error();
    const auto run = run_end_to_end(*stage, posting(*stage, connections, due_now()), duration);
    if (run.posts.answered == 0) return Error{ErrorKind::unavailable, run.posts.first_problem};
    Line line = line_of("end to end, 256 connections", run.spent, static_cast<double>(run.posts.answered));
    describe(line, run);
    line.budget = "20,000/s, <= 40 µs CPU";
    line.verdict =
        verdict(is_whole(run) && run.per_second >= budget_per_second && line.cpu_us_per_task <= budget_cpu_us);
    line.of_limit = fmt::format("{:.2f} of echo", run.per_second / bench.limits.echo_per_second);
    bench.report.add(std::move(line));
    return {};
}

Result<void> measure_rate_limits(Bench& bench) {
    const std::chrono::milliseconds duration(bench.by_size(2'000, 5'000, 10'000));
    const std::vector<std::string> limits_on = {"PUNKT_RATE_LIMIT_PER_MINUTE=900000000",
                                                "PUNKT_RATE_LIMIT_PER_HOUR=900000000"};
    double cpu_us[2] = {0, 0};
    Line line;
    for (const bool is_on : {false, true}) {
        auto stage = set_stage(bench, room_for(duration), is_on ? limits_on : std::vector<std::string>{});
        if (!stage) return stage.error();
        const auto run = run_end_to_end(*stage, posting(*stage, connections, due_now()), duration);
        if (run.posts.answered == 0) return Error{ErrorKind::unavailable, run.posts.first_problem};
        line = line_of("rate limits switched on", run.spent, static_cast<double>(run.posts.answered));
        cpu_us[is_on ? 1 : 0] = line.cpu_us_per_task;
    }
    line.figure = fmt::format("{:.2f} times the CPU without", cpu_us[1] / cpu_us[0]);
    line.budget = "<= 1.15";
    line.verdict = verdict(cpu_us[1] / cpu_us[0] <= limits_cost_max);
    bench.report.add(std::move(line));
    return {};
}

Result<void> measure_slow_target(Bench& bench) {
    const std::chrono::milliseconds duration(bench.by_size(3'000, 6'000, 15'000));
    auto stage = set_stage(bench, room_for(duration));
    if (!stage) return stage.error();
    const auto run = run_end_to_end(*stage, posting(*stage, connections, due_now(), slow_ms), duration);
    if (run.posts.answered == 0) return Error{ErrorKind::unavailable, run.posts.first_problem};
    Line line = line_of("target that takes 100 ms", run.spent, static_cast<double>(run.posts.answered));
    describe(line, run);
    line.budget = "10,000/s (best peer 913)";
    line.verdict = verdict(is_whole(run) && run.per_second >= slow_budget_per_second);
    line.of_limit = fmt::format("{:.2f} of echo", run.per_second / bench.limits.echo_per_second);
    bench.report.add(std::move(line));
    return {};
}

}  // namespace punkt::load

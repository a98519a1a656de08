// How long parsing and searching take: ninja -C build/release bench_cron && build/release/bench_cron
#include <benchmark/benchmark.h>

#include "core/cron.h"
#include "core/time_zone.h"

namespace punkt {
namespace {

constexpr Timestamp start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

struct Case {
    const char* expression;
    const char* zone;
    CronDialect dialect = CronDialect::classic;
};

constexpr Case cases[] = {
    {"* * * * *", "UTC"},
    {"*/5 * * * * *", "UTC"},
    {"30 9 * * 1-5", "UTC"},
    {"0 0 13 * 5", "UTC", CronDialect::and_},
    {"0 0 29 2 1", "UTC", CronDialect::and_},
    {"0 0 LW,15W * 5#3", "UTC"},
    {"* * * * *", "Europe/Oslo"},
    {"30 2 * * *", "Europe/Oslo"},
    {"0 0 29 2 1", "Europe/Oslo", CronDialect::and_},
    {"0 */24 29 2 1", "America/Havana", CronDialect::and_},
};

void next_run(benchmark::State& state) {
    const auto& c = cases[state.range(0)];
    const auto cron = Cron::parse(c.expression, {.dialect = c.dialect}).value();
    const auto zone = TimeZone::find(c.zone).value();
    auto after = start;
    for (auto _ : state) {
        const auto run = cron.next(after, zone);
        after = run ? *run : start;
        benchmark::DoNotOptimize(after);
    }
    state.SetLabel(std::string(c.expression) + " " + c.zone);
}
BENCHMARK(next_run)->DenseRange(0, std::size(cases) - 1);

void parse(benchmark::State& state, const char* expression) {
    for (auto _ : state) benchmark::DoNotOptimize(Cron::parse(expression));
    state.SetLabel(expression);
}
BENCHMARK_CAPTURE(parse, plain, "*/5 9-17 * * 1-5");
BENCHMARK_CAPTURE(parse, impossible, "0 0 30 2 *");
BENCHMARK_CAPTURE(parse, impossible_weekday, "0 0 */31 4,6,9,11 1#2");

void no_run_left(benchmark::State& state) {
    const auto cron = Cron::parse("0 0 29 2 1#5", {.dialect = CronDialect::and_}).value();
    constexpr Timestamp late = std::chrono::sys_days{std::chrono::year{2072} / 3 / 1};
    for (auto _ : state) benchmark::DoNotOptimize(cron.next(late, TimeZone::utc()));
}
BENCHMARK(no_run_left);

}  // namespace
}  // namespace punkt

#include <fmt/format.h>

#include <algorithm>

#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr std::uint64_t in_flight = 100;
constexpr int call_takes_ms = 60'000;  // longer than the scenario: nothing ends by itself
constexpr double budget_s = 2;
constexpr double runs_again_within_s = 30;

bool all_ran_again(const Sink& sink) {
    for (std::uint64_t n = 0; n < in_flight; ++n)
        if (sink.arrivals(n).count.load(std::memory_order_acquire) < 2) return false;
    return true;
}

}  // namespace

Result<void> measure_crash(Bench& bench) {
    auto stage = set_stage(bench, in_flight);
    if (!stage) return stage.error();
    LoadOptions options = posting(*stage, 10, due_now(), call_takes_ms);
    options.requests_max = in_flight;
    options.duration = std::chrono::milliseconds(5'000);
    const auto posts = run_load(options);
    if (posts.answered < in_flight) return Error{ErrorKind::unavailable, posts.first_problem};
    if (!wait_until(10, [&] { return stage->sink->distinct() == in_flight; }))
        return Error{ErrorKind::unavailable, fmt::format("only {} of 100 calls started", stage->sink->distinct())};
    stage->server->kill();
    const auto start = wall_ns();
    if (auto started = start_again(bench, *stage); !started) return started;
    const bool is_complete = wait_until(runs_again_within_s, [&] { return all_ran_again(*stage->sink); });
    std::int64_t last = start;
    std::uint64_t ran = 0;
    for (std::uint64_t n = 0; n < in_flight; ++n) {
        const auto& seen = stage->sink->arrivals(n);
        if (seen.count.load(std::memory_order_acquire) < 2) continue;
        ++ran;
        last = std::max(last, seen.last_ns.load());
    }
    const auto took = last - start;
    bench.report.add({.what = "kill -9 with 100 calls in flight: they run again",
                      .figure = fmt::format("{} of 100 after {}", ran, text_of_ns(took)),
                      .budget = "<= 2 s after start",
                      .verdict = verdict(is_complete && seconds(took) <= budget_s),
                      .note = fmt::format("ready after {:.0f} ms", stage->server->seconds_to_ready() * 1'000)});
    stage->server->kill();  // its calls would hold up an orderly end for as long as they take
    return {};
}

}  // namespace punkt::load

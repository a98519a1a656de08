#include <fmt/format.h>

#include <random>

#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr std::size_t burst_tasks = 5'000;
constexpr std::int64_t burst_budget_ns = 200 * ns_per_ms;
constexpr double random_per_second = 500;
constexpr std::int64_t random_budget_ns = 5 * ns_per_ms;
constexpr double delivered_within_s = 20;

/// Arrival at the sink minus due time, of the tasks that arrived.
Histogram lateness(const Sink& sink, const std::vector<std::int64_t>& due_ns) {
    Histogram out;
    for (std::size_t n = 0; n < due_ns.size(); ++n) {
        const auto& seen = sink.arrivals(n);
        if (seen.count.load(std::memory_order_acquire) > 0) out.add(seen.first_ns.load() - due_ns[n]);
    }
    return out;
}

void describe(Line& line, const Histogram& late, const LoadResult& posts, const Delivered& delivered) {
    line.figure = fmt::format("late p50 {}, p99 {}, max {}", text_of_ns(late.quantile_ns(0.5)),
                              text_of_ns(late.quantile_ns(0.99)), text_of_ns(late.max_ns()));
    line.note = fmt::format("{} tasks, early {}, lost {}, doubled {}", posts.answered, late.below_zero(),
                            delivered.lost, delivered.doubled);
    if (late.below_zero() > 0) line.note += fmt::format(", the earliest by {}", text_of_ns(-late.min_ns()));
    if (!posts.first_problem.empty()) line.note += "; " + posts.first_problem;
}

bool is_punctual(const Histogram& late, const LoadResult& posts, const Delivered& delivered, std::int64_t p99_max_ns) {
    return late.quantile_ns(0.99) <= p99_max_ns && late.below_zero() == 0 && posts.answered == posts.sent &&
           delivered.lost == 0 && delivered.doubled == 0;
}

}  // namespace

Result<void> measure_burst(Bench& bench) {
    auto stage = set_stage(bench, burst_tasks);
    if (!stage) return stage.error();
    // A whole millisecond: what Punkt stores is what we compare with.
    const std::int64_t due = (wall_ns() / ns_per_ms + 2'500) * ns_per_ms;
    LoadOptions options = posting(*stage, 64, [due](std::uint64_t, std::string& out) { append_run_at(out, due); });
    options.duration = std::chrono::milliseconds(2'000);
    options.requests_max = burst_tasks;
    const auto posts = run_load(options);
    if (posts.answered == 0) return Error{ErrorKind::unavailable, posts.first_problem};
    wait_until(3, [&] { return wall_ns() > due - 100 * ns_per_ms; });
    const Span span(stage->server.get());
    wait_until(delivered_within_s, [&] { return stage->sink->distinct() >= posts.answered; });
    pause_for(0.2);  // the last outcomes; also enough for the doubles
    const auto spent = span.end();
    const auto late = lateness(*stage->sink, std::vector<std::int64_t>(posts.answered, due));
    const auto delivered = count_deliveries(*stage->sink, posts.answered);
    Line line = line_of("lateness, 5,000 due at one instant", spent, static_cast<double>(posts.answered));
    describe(line, late, posts, delivered);
    line.budget = "p99 <= 200 ms, never early";
    line.verdict = verdict(is_punctual(late, posts, delivered, burst_budget_ns));
    const double rate = static_cast<double>(posts.answered) / seconds(std::max<std::int64_t>(late.max_ns(), 1));
    line.of_limit = fmt::format("{:.2f} of echo", rate / bench.limits.echo_per_second);
    bench.report.add(std::move(line));
    return {};
}

Result<void> measure_random(Bench& bench) {
    const int duration_ms = bench.by_size(4'000, 10'000, 30'000);
    std::vector<std::int64_t> due(static_cast<std::size_t>(random_per_second) * static_cast<std::size_t>(duration_ms) /
                                  1'000);
    auto stage = set_stage(bench, due.size());
    if (!stage) return stage.error();
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::int64_t> ahead_ms(1'000, bench.by_size(5'000, 10'000, 10'000));
    LoadOptions options = posting(*stage, 16, [&](std::uint64_t n, std::string& out) {
        due[n] = (wall_ns() / ns_per_ms + ahead_ms(random)) * ns_per_ms;
        append_run_at(out, due[n]);
    });
    options.duration = std::chrono::milliseconds(duration_ms);
    options.per_second = random_per_second;
    options.requests_max = due.size();
    const Span span(stage->server.get());
    const auto posts = run_load(options);
    if (posts.answered == 0) return Error{ErrorKind::unavailable, posts.first_problem};
    wait_until(delivered_within_s, [&] { return stage->sink->distinct() >= posts.answered; });
    pause_for(0.2);
    const auto spent = span.end();
    due.resize(posts.sent);
    const auto late = lateness(*stage->sink, due);
    const auto delivered = count_deliveries(*stage->sink, posts.answered);
    Line line = line_of("lateness, 500/s at random instants", spent, static_cast<double>(posts.answered));
    describe(line, late, posts, delivered);
    line.budget = "p99 <= 5 ms, never early";
    line.verdict = verdict(is_punctual(late, posts, delivered, random_budget_ns));
    line.note += fmt::format("; POST p99 {}", text_of_ns(posts.latency.quantile_ns(0.99)));
    bench.report.add(std::move(line));
    return {};
}

}  // namespace punkt::load

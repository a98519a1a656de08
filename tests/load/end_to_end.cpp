#include "end_to_end.h"

#include <fmt/format.h>

#include "ticks.h"

namespace punkt::load {
namespace {

constexpr double outcomes_within_s = 60;
constexpr const char* finished = "punkt_executions_finished_total";

}  // namespace

EndToEnd run_end_to_end(const Stage& stage, LoadOptions posts, std::chrono::milliseconds duration) {
    posts.duration = duration;
    const double finished_before = std::max(0.0, stage.server->metric(finished));
    EndToEnd run;
    const Span span(stage.server.get());
    const auto start = steady_ns();
    run.posts = run_load(posts);
    const auto accepted = run.posts.answered;
    const bool is_called = wait_until(outcomes_within_s, [&] { return stage.sink->distinct() >= accepted; });
    // /metrics is not free: only the last stretch is asked for, every few milliseconds.
    run.is_recorded = is_called && wait_until(outcomes_within_s, [&] {
                          return stage.server->metric(finished) - finished_before >= static_cast<double>(accepted);
                      });
    run.per_second = static_cast<double>(accepted) / seconds(steady_ns() - start);
    run.spent = span.end();
    run.delivered = count_deliveries(*stage.sink, accepted);
    return run;
}

void describe(Line& line, const EndToEnd& run) {
    line.figure = fmt::format("{}/s, POST p99 {}", text_of_count(run.per_second),
                              text_of_ns(run.posts.latency.quantile_ns(0.99)));
    line.note = fmt::format("accepted {} at {}/s, lost {}, doubled {}, {:.2f} KB written per task",
                            text_of_count(static_cast<double>(run.posts.answered)),
                            text_of_count(run.posts.per_second()), run.delivered.lost, run.delivered.doubled,
                            static_cast<double>(run.spent.punkt.written_bytes) / 1'024 /
                                static_cast<double>(std::max<std::uint64_t>(run.posts.answered, 1)));
    if (!run.is_recorded) line.note += "; not every outcome was recorded in time";
    if (!run.posts.first_problem.empty()) line.note += "; " + run.posts.first_problem;
}

bool is_whole(const EndToEnd& run) {
    return run.is_recorded && run.posts.answered == run.posts.sent && run.delivered.lost == 0 &&
           run.delivered.doubled == 0;
}

}  // namespace punkt::load

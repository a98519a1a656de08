#include <fmt/format.h>

#include "http_scan.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr double budget_per_second = 30'000;  // 256 connections
constexpr std::int64_t budget_p99_ns = 15 * ns_per_ms;
constexpr double best_peer_per_second = 10'672;     // 32 connections, fsync once a second
constexpr double one_connection_extra_s = 0.00015;  // beside the sync itself
constexpr double batch_budget_per_second = 100'000;
constexpr int batch_tasks = 100;

/// Budget and verdict depend on the number of connections.
void judge(Line& line, const Bench& bench, int connections, const LoadResult& result) {
    const double rate = result.per_second();
    const auto p99 = result.latency.quantile_ns(0.99);
    if (connections == 1) {
        const double wanted = 1 / (1 / bench.limits.syncs_per_second + one_connection_extra_s);
        line.budget = fmt::format(">= {}/s (sync + 0.15 ms)", text_of_count(wanted));
        line.verdict = verdict(rate >= wanted);
        line.of_limit = fmt::format("{:.2f} of syncs", rate / bench.limits.syncs_per_second);
        return;
    }
    line.of_limit = fmt::format("{:.2f} of echo", rate / bench.limits.echo_per_second);
    if (connections == 256) {
        line.budget = "30,000/s, p99 < 15 ms";
        line.verdict = verdict(rate >= budget_per_second && p99 < budget_p99_ns);
    } else if (connections == 32) {
        line.budget = "10,672/s (best peer)";
        line.verdict = verdict(rate > best_peer_per_second);
    }
}

Line line_of_posts(std::string what, const Spent& spent, const LoadResult& result, int tasks_each) {
    Line line = line_of(std::move(what), spent, static_cast<double>(result.answered) * tasks_each);
    line.figure = fmt::format("{}/s, p50 {}, p99 {}, max {}", text_of_count(result.per_second() * tasks_each),
                              text_of_ns(result.latency.quantile_ns(0.5)), text_of_ns(result.latency.quantile_ns(0.99)),
                              text_of_ns(result.latency.max_ns()));
    if (result.refused + result.unanswered > 0)
        line.note =
            fmt::format("{} refused, {} unanswered: {}", result.refused, result.unanswered, result.first_problem);
    return line;
}

Result<void> measure_single(Bench& bench, const Stage& stage, int connections) {
    LoadOptions options = posting(stage, connections, due_in("1h"));
    options.duration = std::chrono::milliseconds(bench.by_size(1'500, 5'000, 10'000));
    const Span span(stage.server.get());
    const auto result = run_load(options);
    const auto spent = span.end();
    if (result.answered == 0) return Error{ErrorKind::unavailable, result.first_problem};
    Line line = line_of_posts(fmt::format("durable enqueue, {} connection{}", connections, connections == 1 ? "" : "s"),
                              spent, result, 1);
    judge(line, bench, connections, result);
    bench.report.add(std::move(line));
    return {};
}

std::string batch_body(const Stage& stage) {
    std::string body = fmt::format(R"({{"url":"{}","queue":"bulk","delay":"1h","items":[)", stage.sink->url(0));
    for (int i = 0; i < batch_tasks; ++i) body += fmt::format("{}{{\"number\":{}}}", i == 0 ? "" : ",", i);
    return body + "]}";
}

Result<void> measure_batches(Bench& bench, const Stage& stage) {
    const std::string request = request_text("POST", "/api/v1/tasks/batch", stage.server->token(), batch_body(stage));
    const auto probe = call(stage.server->port(), request);
    if (!probe) return probe.error();
    if (probe->status == 404 || probe->status == 405) {
        bench.report.add({.what = "durable enqueue, batches of 100",
                          .budget = "100,000/s",
                          .verdict = Verdict::unavailable,
                          .note = fmt::format("POST /api/v1/tasks/batch answers {}", probe->status)});
        return {};
    }
    const Span span(stage.server.get());
    const auto result = run_load({.port = stage.server->port(),
                                  .connections = 8,
                                  .duration = std::chrono::milliseconds(bench.by_size(1'500, 5'000, 10'000)),
                                  .expected_status = 201,
                                  .write = [&](std::uint64_t, std::string& out) { out.append(request); }});
    const auto spent = span.end();
    if (result.answered == 0) return Error{ErrorKind::unavailable, result.first_problem};
    Line line = line_of_posts("durable enqueue, batches of 100, 8 connections", spent, result, batch_tasks);
    line.budget = "100,000/s";
    line.verdict = verdict(result.per_second() * batch_tasks >= batch_budget_per_second);
    bench.report.add(std::move(line));
    return {};
}

}  // namespace

Result<void> measure_enqueue(Bench& bench) {
    auto stage = set_stage(bench, 1);
    if (!stage) return stage.error();
    for (const int connections : {1, 32, 64, 256})
        if (auto done = measure_single(bench, *stage, connections); !done) return done;
    return measure_batches(bench, *stage);
}

}  // namespace punkt::load

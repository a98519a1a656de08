#include <fmt/format.h>

#include "end_to_end.h"
#include "http_scan.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr int connections = 256;
constexpr double cost_max = 1.15;
constexpr std::size_t tasks_per_second_max = 100'000;  // how many the sink makes room for

/// What can be switched on. Nothing of it holds a task back: the cost is measured, not the waiting.
struct Feature {
    const char* name;
    bool has_limits = false;    // plan, quota, API rate limits, queue settings, limits per key
    bool has_outcomes = false;  // assertions, expiry
    bool has_labels = false;    // tags, metadata
    bool has_once = false;      // Idempotency-Key, traceparent
    bool has_events = false;    // somebody listens: every transition is kept

    bool is_everything() const { return has_limits && has_outcomes && has_labels && has_once && has_events; }
};

constexpr Feature nothing{.name = "nothing"};
constexpr Feature features[] = {
    {.name = "limits of every kind", .has_limits = true},
    {.name = "assertions and expiry", .has_outcomes = true},
    {.name = "tags and metadata", .has_labels = true},
    {.name = "Idempotency-Key, traceparent", .has_once = true},
    {.name = "a listener to events", .has_events = true},
    {.name = "everything",
     .has_limits = true,
     .has_outcomes = true,
     .has_labels = true,
     .has_once = true,
     .has_events = true},
};

std::vector<std::string> environment_of(const Feature& feature) {
    if (!feature.has_limits) return {};
    return {"PUNKT_RATE_LIMIT_PER_MINUTE=900000000", "PUNKT_RATE_LIMIT_PER_HOUR=900000000"};
}

Result<void> send(const PunktServer& server, std::string_view method, std::string_view path, std::string_view body,
                  std::string_view headers = "") {
    const auto answer = call(server.port(), request_text(method, path, server.token(), body, headers));
    if (!answer) return answer.error();
    if (answer->status == 200) return {};
    return Error{ErrorKind::unavailable,
                 fmt::format("{} {} answered {}: {}", method, path, answer->status, answer->body)};
}

Result<void> set_up(const Feature& feature, PunktServer& server) {
    if (feature.has_limits) {
        auto done = send(server, "PUT", "/api/v1/queues/bench",
                         R"({"concurrency":5000,"rate":{"count":1000000,"period":"1s","burst":1000000}})");
        if (done) done = server.limit_plan(R"({"executions_per_month":1000000000})");
        if (!done) return done;
    }
    // Whoever reads events once is a listener for a day.
    return feature.has_events ? send(server, "GET", "/api/v1/events", "", "accept: application/json\r\n")
                              : Result<void>();
}

void append_members(const Feature& feature, std::uint64_t n, std::string& out) {
    if (feature.has_limits)
        fmt::format_to(std::back_inserter(out),
                       R"(,"queue":"bench","priority":4,"limits":[{{"key":"customer:{}","concurrency":5000,)"
                       R"("rate":{{"count":1000000,"period":"1s","burst":1000000}}}}])",
                       n % 100);
    if (feature.has_outcomes)
        out.append(R"(,"expected_status_codes":"2xx","expected_body_pattern":"ok","expected_body_regex":"^[a-z]+$",)"
                   R"("max_latency_ms":20000,"expires_in":"1h")");
    if (feature.has_labels)
        fmt::format_to(std::back_inserter(out), R"(,"tags":["bench","customer-{}"],"metadata":{{"order":{}}})", n % 100,
                       n);
}

void append_headers(const Feature& feature, std::uint64_t n, std::string& out) {
    if (feature.has_once)
        fmt::format_to(std::back_inserter(out),
                       "idempotency-key: bench-{:016x}\r\n"
                       "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e{:04x}-00f067aa0ba902b7-01\r\n",
                       n, n % 65'536);
}

/// A run with the feature; CPU per task and threads in the line.
Result<Line> run_with(const Bench& bench, const Feature& feature) {
    const std::chrono::milliseconds duration(bench.by_size(1'500, 4'000, 8'000));
    const auto room = tasks_per_second_max * static_cast<std::size_t>(duration.count()) / 1'000;
    auto stage = set_stage(bench, room, environment_of(feature));
    if (!stage) return stage.error();
    if (auto done = set_up(feature, *stage->server); !done) return done.error();
    const When members = [&feature, now = due_now()](std::uint64_t n, std::string& out) {
        now(n, out);
        append_members(feature, n, out);
    };
    const When headers = [&feature](std::uint64_t n, std::string& out) { append_headers(feature, n, out); };
    const auto run = run_end_to_end(*stage, posting(*stage, connections, members, 0, headers), duration);
    if (!is_whole(run)) return Error{ErrorKind::unavailable, feature.name + (": " + run.posts.first_problem)};
    return line_of(fmt::format("switched on: {}", feature.name), run.spent, static_cast<double>(run.posts.answered));
}

}  // namespace

/// Each is compared with a run without any just before it: the machine drifts.
Result<void> measure_features(Bench& bench) {
    for (const Feature& feature : features) {
        const auto off = run_with(bench, nothing);
        if (!off) return off.error();
        auto on = run_with(bench, feature);
        if (!on) return on.error();
        const double ratio = on->cpu_us_per_task / off->cpu_us_per_task;
        on->figure = fmt::format("{:.2f} times the CPU without", ratio);
        if (feature.is_everything()) {
            on->budget = "<= 1.15";
            on->verdict = verdict(ratio <= cost_max);
        }
        bench.report.add(std::move(*on));
    }
    return {};
}

}  // namespace punkt::load

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "http_scan.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr int connections = 64;

Result<void> measure_syncs(Bench& bench) {
    auto directory = ScratchDirectory::create(bench.options.directory);
    if (!directory) return directory.error();
    const std::string path = (*directory)->path() + "/log";
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file) return system_error("cannot write " + path);
    const std::string row(200, 'x');
    const Span span(nullptr);
    Histogram latency;
    const auto until = steady_ns() + bench.by_size(500, 2'000, 2'000) * ns_per_ms;
    while (steady_ns() < until && !stop_requested()) {
        const auto start = steady_ns();
        if (::write(file.get(), row.data(), row.size()) != static_cast<ssize_t>(row.size()) ||
            ::fdatasync(file.get()) != 0)
            return system_error("cannot write " + path);
        latency.add(steady_ns() - start);
    }
    const auto spent = span.end();
    bench.limits.syncs_per_second = static_cast<double>(latency.count()) / spent.seconds;
    Line line = line_of("limit: append 200 B + fdatasync", spent, 0);
    line.figure = fmt::format("{}/s, p50 {}, p99 {}", text_of_count(bench.limits.syncs_per_second),
                              text_of_ns(latency.quantile_ns(0.5)), text_of_ns(latency.quantile_ns(0.99)));
    bench.report.add(std::move(line));
    return {};
}

Result<void> measure_loop(Bench& bench) {
    auto sink = Sink::start(1);
    if (!sink) return sink.error();
    const Span span(nullptr);
    const auto result = run_load({.port = (*sink)->port(),
                                  .connections = connections,
                                  .duration = std::chrono::milliseconds(bench.by_size(1'000, 3'000, 3'000)),
                                  .write = [](std::uint64_t, std::string& out) {
                                      append_request(out, "POST", "/n/0", "", "{\"url\":\"http://127.0.0.1/n/0\"}");
                                  }});
    if (result.answered == 0) return Error{ErrorKind::unavailable, result.first_problem};
    bench.limits.loop_per_second = result.per_second();
    const auto us_each = [](std::int64_t ns, std::uint64_t count) {
        return static_cast<double>(ns) / 1'000 / static_cast<double>(count);
    };
    const auto requests = (*sink)->requests();
    Line line = line_of("limit: generator -> sink, 64 connections", span.end(), 0);
    line.figure =
        fmt::format("{}/s, p99 {}", text_of_count(result.per_second()), text_of_ns(result.latency.quantile_ns(0.99)));
    line.note = fmt::format("CPU µs per request: generator {:.1f} ({:.1f} outside the kernel), sink {:.1f} ({:.1f})",
                            us_each(result.cpu_ns, result.answered), us_each(result.user_ns, result.answered),
                            us_each((*sink)->cpu_ns(), requests), us_each((*sink)->user_ns(), requests));
    bench.report.add(std::move(line));
    return {};
}

Result<void> measure_echo(Bench& bench) {
    auto stage = set_stage(bench, 1);
    if (!stage) return stage.error();
    const Span span(stage->server.get());
    const auto result =
        run_load({.port = stage->server->port(),
                  .connections = connections,
                  .duration = std::chrono::milliseconds(bench.by_size(1'000, 3'000, 3'000)),
                  .write = [](std::uint64_t, std::string& out) { append_request(out, "GET", "/livez", "", ""); }});
    if (result.answered == 0) return Error{ErrorKind::unavailable, result.first_problem};
    bench.limits.echo_per_second = result.per_second();
    Line line = line_of("limit: echo of Punkt's server (GET /livez)", span.end(), static_cast<double>(result.answered));
    line.figure =
        fmt::format("{}/s, p99 {}", text_of_count(result.per_second()), text_of_ns(result.latency.quantile_ns(0.99)));
    line.of_limit = fmt::format("{:.2f} of loop", result.per_second() / bench.limits.loop_per_second);
    bench.report.add(std::move(line));
    return {};
}

}  // namespace

Result<void> measure_limits(Bench& bench) {
    if (auto done = measure_syncs(bench); !done) return done;
    if (auto done = measure_loop(bench); !done) return done;
    return measure_echo(bench);
}

}  // namespace punkt::load

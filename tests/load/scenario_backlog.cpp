#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "end_to_end.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr double flat_ratio_max = 1.3;
constexpr std::int64_t restart_rss_max = std::int64_t{256} << 20;
constexpr double restart_seconds_max = 3;
constexpr std::uint64_t memory_tasks = 100'000;
constexpr std::int64_t memory_max = std::int64_t{60} << 20;
constexpr double preload_seconds_max = 900;
constexpr std::size_t sink_room = 2'000'000;

/// Adds pending tasks through the API, as fast as it takes them, due at random in 2 to 26 hours.
Result<void> add_pending(const Stage& stage, std::uint64_t count) {
    std::mt19937_64 random(11);
    std::uniform_int_distribution<int> ahead_s(2 * 3'600, 26 * 3'600);
    LoadOptions options = posting(stage, 128, [&](std::uint64_t, std::string& out) {
        fmt::format_to(std::back_inserter(out), "\"delay\":\"{}s\"", ahead_s(random));
    });
    options.pipelined = 4;
    options.duration = std::chrono::milliseconds(static_cast<std::int64_t>(preload_seconds_max * 1'000));
    options.requests_max = count;
    const auto posts = run_load(options);
    if (posts.answered == count) return {};
    return Error{ErrorKind::unavailable, fmt::format("only {} of {} pending tasks could be added: {}", posts.answered,
                                                     count, posts.first_problem)};
}

struct Picking {
    std::uint64_t backlog = 0;
    double cpu_us = 0;
    double engine_us = 0;  // 0: the engine's thread has no name of its own
};

Result<Picking> measure_picking(Bench& bench, Stage& stage, std::uint64_t backlog) {
    // Each stretch numbers its tasks from 0, so each gets a sink that has seen nothing.
    auto sink = Sink::start(sink_room);
    if (!sink) return sink.error();
    stage.sink = std::move(sink).value();
    const auto run = run_end_to_end(stage, posting(stage, 64, due_now()),
                                    std::chrono::milliseconds(bench.by_size(2'000, 5'000, 8'000)));
    if (run.posts.answered == 0) return Error{ErrorKind::unavailable, run.posts.first_problem};
    Line line = line_of(
        fmt::format("end to end beside {} pending, 64 connections", text_of_count(static_cast<double>(backlog))),
        run.spent, static_cast<double>(run.posts.answered));
    describe(line, run);
    line.of_limit = fmt::format("{:.2f} of echo", run.per_second / bench.limits.echo_per_second);
    Picking out{.backlog = backlog, .cpu_us = line.cpu_us_per_task};
    if (const auto engine = line.threads.find("engine"); engine != line.threads.end()) out.engine_us = engine->second;
    bench.report.add(std::move(line));
    return out;
}

void add_ratio(Bench& bench, const Picking& least, const Picking& most) {
    const double cpu = most.cpu_us / least.cpu_us;
    const double engine = least.engine_us > 0 ? most.engine_us / least.engine_us : cpu;
    bench.report.add({.what = "cost of a task, largest / smallest backlog",
                      .figure = fmt::format("process {:.2f}, engine thread {:.2f}", cpu, engine),
                      .budget = "flat: <= 1.3",
                      .verdict = verdict(std::max(cpu, engine) <= flat_ratio_max),
                      .note = fmt::format("{} against {} pending", text_of_count(static_cast<double>(most.backlog)),
                                          text_of_count(static_cast<double>(least.backlog)))});
}

Result<void> measure_restart(Bench& bench, Stage& stage, std::uint64_t backlog) {
    const int code = stage.server->stop();
    if (code != 0)
        return Error{ErrorKind::unavailable,
                     fmt::format("SIGTERM ended with exit code {}: {}", code, stage.server->log_tail())};
    if (auto started = start_again(bench, stage); !started) return started;
    pause_for(2);  // what is read after being ready counts as memory too
    const auto usage = stage.server->usage();
    const double took = stage.server->seconds_to_ready();
    bench.report.add(
        {.what = fmt::format("restart with {} pending", text_of_count(static_cast<double>(backlog))),
         .figure = fmt::format("ready after {:.2f} s, RSS {}", took, text_of_bytes(usage.rss_bytes)),
         .budget = "5 M: 3 s, 256 MB",
         .verdict = verdict(took <= restart_seconds_max && usage.rss_bytes <= restart_rss_max),
         .note = fmt::format("{:.0f} ms of CPU until then, PSS {}, files {}", static_cast<double>(usage.cpu_ns) / 1e6,
                             text_of_bytes(usage.pss_bytes), text_of_bytes(stage.server->bytes_of_files("")))});
    return {};
}

}  // namespace

Result<void> measure_backlog(Bench& bench) {
    auto stage = set_stage(bench, 1);
    if (!stage) return stage.error();
    std::vector<std::uint64_t> backlogs = {10'000};
    if (bench.options.size == Size::quick) backlogs.push_back(100'000);
    if (bench.options.size != Size::quick) backlogs.push_back(1'000'000);
    if (bench.options.size == Size::full) backlogs.push_back(5'000'000);
    std::vector<Picking> measured;
    std::uint64_t pending = 0;
    for (const auto backlog : backlogs) {
        if (auto added = add_pending(*stage, backlog - pending); !added) return added;
        pending = backlog;
        auto picking = measure_picking(bench, *stage, backlog);
        if (!picking) return picking.error();
        measured.push_back(*picking);
    }
    add_ratio(bench, measured.front(), measured.back());
    return measure_restart(bench, *stage, pending);
}

Result<void> measure_memory(Bench& bench) {
    auto stage = set_stage(bench, 1);
    if (!stage) return stage.error();
    const auto before = stage->server->usage();
    std::mt19937_64 random(13);
    std::uniform_int_distribution<int> ahead_s(300, 3'600);
    LoadOptions options = posting(*stage, 64, [&](std::uint64_t, std::string& out) {
        fmt::format_to(std::back_inserter(out), "\"delay\":\"{}s\"", ahead_s(random));
    });
    options.duration = std::chrono::milliseconds(60'000);
    options.requests_max = memory_tasks;
    const Span span(stage->server.get());
    const auto posts = run_load(options);
    if (posts.answered < memory_tasks) return Error{ErrorKind::unavailable, posts.first_problem};
    const auto spent = span.end();
    Line line = line_of("memory with 100,000 waiting (due in 5 to 60 min)", spent, static_cast<double>(posts.answered));
    line.figure =
        fmt::format("PSS {}, RSS {}", text_of_bytes(spent.punkt.pss_bytes), text_of_bytes(spent.punkt.rss_bytes));
    line.budget = "<= 60 MB";
    line.verdict = verdict(spent.punkt.pss_bytes <= memory_max);
    line.note = fmt::format("PSS {} when it was empty", text_of_bytes(before.pss_bytes));
    bench.report.add(std::move(line));
    return {};
}

}  // namespace punkt::load

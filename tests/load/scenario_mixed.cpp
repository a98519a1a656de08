#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

#include "http_scan.h"
#include "scenarios.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr double posts_per_second = 4'000;
constexpr double reads_per_second = 500;
constexpr int stretches = 10;
constexpr std::int64_t wal_max = std::int64_t{192} << 20;
constexpr double growth_max = 1.25;
constexpr std::int64_t growth_slack = std::int64_t{8} << 20;
constexpr double p99_growth_max = 2;
constexpr std::int64_t p99_slack_ns = 5 * ns_per_ms;
constexpr double due_within_s = 12;

struct Stretch {
    LoadResult posts = {};
    LoadResult reads = {};
    std::int64_t wal_bytes = 0;
    std::int64_t rss_bytes = 0;
};

/// Ids of recent tasks: written by the poster, drawn by the reader.
class RecentTasks {
  public:
    void add(std::string_view id) {
        const std::lock_guard lock(mutex_);
        ids_[next_++ % std::size(ids_)].assign(id);
    }
    std::string any(std::uint64_t n) const {
        const std::lock_guard lock(mutex_);
        return ids_[n * 7 % std::min(next_, std::size(ids_))];
    }
    bool is_empty() const {
        const std::lock_guard lock(mutex_);
        return next_ == 0;
    }

  private:
    mutable std::mutex mutex_;
    std::string ids_[1'024];
    std::size_t next_ = 0;
};

/// Half due at once, half in 1 to 10 seconds.
When mixed_times(std::mt19937_64& random) {
    return [&random](std::uint64_t, std::string& out) {
        const auto draw = random();
        const std::int64_t ahead_ms = draw % 2 == 0 ? 0 : 1'000 + static_cast<std::int64_t>(draw / 2 % 9'000);
        append_run_at(out, wall_ns() + ahead_ms * ns_per_ms);
    };
}

LoadOptions reading(const Stage& stage, const RecentTasks& recent, std::chrono::milliseconds duration) {
    return {.port = stage.server->port(),
            .connections = 8,
            .duration = duration,
            .per_second = reads_per_second,
            .write = [&stage, &recent](std::uint64_t n, std::string& out) {
                const bool is_list = n % 50 == 0 || recent.is_empty();
                append_request(out, "GET", is_list ? "/api/v1/tasks?limit=50" : "/api/v1/tasks/" + recent.any(n),
                               stage.server->token(), "");
            }};
}

Stretch run_stretch(const Stage& stage, LoadOptions& posts, RecentTasks& recent, std::uint64_t first) {
    Stretch out;
    posts.first_number = first;
    posts.answered = [&recent](std::uint64_t n, int status, std::string_view body) {
        if (n % 16 == 0 && status == 202) recent.add(text_field(body, "task_id"));
    };
    LoadOptions reads = reading(stage, recent, posts.duration);
    std::thread reader([&] { out.reads = run_load(reads); });
    out.posts = run_load(posts);
    reader.join();
    out.wal_bytes = stage.server->bytes_of_files("-wal");
    out.rss_bytes = stage.server->usage().rss_bytes;
    return out;
}

/// The first stretch warms up; what comes last is compared with what came next.
struct Growth {
    std::int64_t wal_most = 0;
    std::int64_t rss_early = 0, rss_late = 0;
    std::int64_t p99_early = 0, p99_late = 0;
    bool is_flat() const {
        return wal_most <= wal_max &&
               static_cast<double>(rss_late) <= static_cast<double>(rss_early + growth_slack) * growth_max &&
               static_cast<double>(p99_late) <= static_cast<double>(p99_early + p99_slack_ns) * p99_growth_max;
    }
};

Growth growth_of(const std::vector<Stretch>& all) {
    Growth out;
    for (const auto& one : all) out.wal_most = std::max(out.wal_most, one.wal_bytes);
    const auto third = std::max<std::size_t>(1, all.size() / 3);
    for (std::size_t i = 0; i < third; ++i) {
        const auto& early = all[std::min(1 + i, all.size() - 1)];
        const auto& late = all[all.size() - 1 - i];
        out.rss_early = std::max(out.rss_early, early.rss_bytes);
        out.rss_late = std::max(out.rss_late, late.rss_bytes);
        out.p99_early = std::max(out.p99_early, early.posts.latency.quantile_ns(0.99));
        out.p99_late = std::max(out.p99_late, late.posts.latency.quantile_ns(0.99));
    }
    return out;
}

std::string course_of(const std::vector<Stretch>& all) {
    std::string out = "WAL MB / RSS MB / POST p99 ms / GET p99 ms:";
    for (const auto& one : all)
        out += fmt::format(" {}/{}/{:.1f}/{:.1f}", one.wal_bytes >> 20, one.rss_bytes >> 20,
                           static_cast<double>(one.posts.latency.quantile_ns(0.99)) / 1e6,
                           static_cast<double>(one.reads.latency.quantile_ns(0.99)) / 1e6);
    return out;
}

}  // namespace

Result<void> measure_mixed(Bench& bench) {
    const double minutes = bench.options.minutes > 0 ? bench.options.minutes : bench.by_size(0.1, 0.75, 10.0);
    const std::chrono::milliseconds each(static_cast<std::int64_t>(minutes * 60'000 / stretches));
    auto stage = set_stage(bench, static_cast<std::size_t>(posts_per_second * minutes * 60 * 1.1));
    if (!stage) return stage.error();
    std::mt19937_64 random(17);
    LoadOptions posts = posting(*stage, 64, mixed_times(random));
    posts.per_second = posts_per_second;
    posts.duration = each;
    RecentTasks recent;
    std::vector<Stretch> all;
    std::uint64_t sent = 0, accepted = 0, read = 0;
    std::string problem;
    const Span span(stage->server.get());
    for (int i = 0; i < stretches && !stop_requested(); ++i) {
        all.push_back(run_stretch(*stage, posts, recent, sent));
        sent += all.back().posts.sent;
        accepted += all.back().posts.answered;
        read += all.back().reads.answered;
        for (const auto* one : {&all.back().posts, &all.back().reads})
            if (problem.empty()) problem = one->first_problem;
    }
    if (accepted == 0) return Error{ErrorKind::unavailable, problem};
    wait_until(due_within_s, [&] { return stage->sink->distinct() >= accepted; });
    pause_for(0.2);
    const auto spent = span.end();
    const auto delivered = count_deliveries(*stage->sink, sent);
    const auto lost = delivered.lost - std::min(delivered.lost, sent - accepted);
    const auto growth = growth_of(all);
    Line line = line_of(fmt::format("mixed load for {:.1f} min, 4,000 posts and 500 reads a second", minutes), spent,
                        static_cast<double>(accepted));
    line.figure = fmt::format("WAL <= {}, RSS {} -> {}, p99 {} -> {}", text_of_bytes(growth.wal_most),
                              text_of_bytes(growth.rss_early), text_of_bytes(growth.rss_late),
                              text_of_ns(growth.p99_early), text_of_ns(growth.p99_late));
    line.budget = "flat, WAL <= 192 MB";
    line.verdict = verdict(growth.is_flat() && lost == 0 && delivered.doubled == 0 && problem.empty());
    line.note = fmt::format("{} tasks, lost {}, doubled {}, {} reads; {}", accepted, lost, delivered.doubled, read,
                            course_of(all));
    if (!problem.empty()) line.note += "; " + problem;
    bench.report.add(std::move(line));
    return {};
}

}  // namespace punkt::load

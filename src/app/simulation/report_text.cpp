#include "app/simulation/report_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "app/text_table.h"
#include "base/time_text.h"

namespace punkt::app {
namespace {

constexpr int row_columns = 60;
constexpr std::size_t minutes_shown = 10;
constexpr std::size_t limits_shown = 20;

std::string duration_text(Milliseconds time) {
    const double seconds = static_cast<double>(time.count()) / 1000;
    if (seconds < 120) return fmt::format("{:.1f} s", seconds);
    return seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

std::string limit_name(const SimulatedLoad& load) {
    return load.name.empty() ? word(load.type) : fmt::format("{} {}", word(load.type), load.name);
}

std::string rate_text(const std::optional<Rate>& rate) {
    return rate ? fmt::format("{}/{}", rate->count, duration_text(rate->period)) : "";
}

std::string head_text(const SimulationReport& report) {
    std::string text =
        fmt::format("{} to {}: {} runs of {} tasks, at most {} out at once\n", to_text_seconds(report.from),
                    to_text_seconds(report.until), report.runs, report.tasks.size(), report.load.in_flight_max);
    if (report.retries > 0 || report.lost > 0)
        text += fmt::format("{} retries, {} runs lost\n", report.retries, report.lost);
    if (report.end == SimulationEnd::runs) text += "ended early: so many runs are the limit\n";
    if (report.end == SimulationEnd::time) text += "ended early: it took too long\n";
    if (report.load.starts == 0) return text;
    text += fmt::format("busiest minute: {}, {} starts\n", to_text_seconds(report.load.busiest.at),
                        report.load.busiest.starts);
    const auto span = (report.until - report.from) / row_columns;
    return text + fmt::format("\n|{}|\n{} a column, the busiest minute of each\n", load_row(report, row_columns),
                              duration_text(span));
}

std::string tasks_text(const SimulationReport& report) {
    TextTable tasks({"TASK", "RUNS", "RETRIES", "LOST", "MISSED", "OVERLAPS", "LONGEST WAIT", "DURATION", "FIRST RUN"});
    for (const SimulatedTask& task : report.tasks)
        tasks.add({task.id, fmt::to_string(task.runs), fmt::to_string(task.retries), fmt::to_string(task.lost),
                   fmt::to_string(task.missed), fmt::to_string(task.overlaps), duration_text(task.longest_wait),
                   duration_text(task.duration),
                   task.first_runs.empty() ? "" : to_text_seconds(task.first_runs.front())});
    return "\n" + tasks.text();
}

std::string queues_text(const SimulationReport& report) {
    if (report.queues.empty()) return "";
    TextTable queues({"QUEUE", "RUNS", "AT ONCE", "BUSY", "LONGEST WAIT"});
    const auto span = std::max<std::int64_t>((report.until - report.from).count(), 1);
    for (const auto& [name, queue] : report.queues)
        queues.add({name, fmt::to_string(queue.runs), fmt::to_string(queue.concurrency),
                    fmt::format("{:.1f} %", 100.0 * static_cast<double>(queue.busy.count()) /
                                                static_cast<double>(span * queue.concurrency)),
                    duration_text(queue.longest_wait)});
    return "\n" + queues.text();
}

/// Limits that held somebody up first.
std::string limits_text(const SimulationReport& report) {
    std::vector<const SimulatedLoad*> loads;
    if (report.load.concurrency > 0) loads.push_back(&report.load);
    for (const SimulatedLoad& load : report.limits) loads.push_back(&load);
    if (loads.empty()) return "";
    std::stable_sort(loads.begin(), loads.end(), [](const SimulatedLoad* a, const SimulatedLoad* b) {
        return a->waiting_minutes > b->waiting_minutes;
    });
    TextTable limits(
        {"LIMIT", "AT ONCE", "RATE", "STARTS", "MOST OUT", "MOST WAITING", "MINUTES OF WAITING", "BUSIEST MINUTE"});
    for (std::size_t i = 0; i < std::min(loads.size(), limits_shown); ++i) {
        const SimulatedLoad& load = *loads[i];
        limits.add({limit_name(load), load.concurrency > 0 ? fmt::to_string(load.concurrency) : "",
                    rate_text(load.rate), fmt::to_string(load.starts), fmt::to_string(load.in_flight_max),
                    fmt::to_string(load.waiting_max), fmt::to_string(load.waiting_minutes),
                    load.busiest.starts > 0
                        ? fmt::format("{} ({})", to_text_seconds(load.busiest.at), load.busiest.starts)
                        : ""});
    }
    std::string text = "\n" + limits.text();
    if (loads.size() > limits_shown) text += fmt::format("and {} more\n", loads.size() - limits_shown);
    return text;
}

/// The minutes in which most waits, then those in which most starts.
std::string minutes_text(const SimulationReport& report) {
    std::vector<SimulatedMinute> minutes = report.load.minutes;
    const auto shown = std::min(minutes.size(), minutes_shown);
    if (shown == 0) return "";
    std::partial_sort(minutes.begin(), minutes.begin() + static_cast<std::ptrdiff_t>(shown), minutes.end(),
                      [](const SimulatedMinute& a, const SimulatedMinute& b) {
                          return std::tuple(-a.waiting, -a.starts, a.at) < std::tuple(-b.waiting, -b.starts, b.at);
                      });
    TextTable table({"MINUTE", "STARTS", "RETRIES", "FAILURES", "OUT", "WAITING"});
    for (std::size_t i = 0; i < shown; ++i)
        table.add({to_text_seconds(minutes[i].at), fmt::to_string(minutes[i].starts),
                   fmt::to_string(minutes[i].retries), fmt::to_string(minutes[i].failures),
                   fmt::to_string(minutes[i].in_flight), fmt::to_string(minutes[i].waiting)});
    return "\n" + table.text();
}

/// "~ digest: runs 5 → 10, …", or nothing.
std::string task_difference(const std::string& id, const SimulatedTask& was, const SimulatedTask& is) {
    std::vector<std::string> changes;
    const auto number = [&changes](const char* what, std::int64_t from, std::int64_t to) {
        if (from != to) changes.push_back(fmt::format("{} {} → {}", what, from, to));
    };
    number("runs", was.runs, is.runs);
    number("retries", was.retries, is.retries);
    number("lost", was.lost, is.lost);
    number("missed", was.missed, is.missed);
    number("overlaps", was.overlaps, is.overlaps);
    if (was.longest_wait != is.longest_wait)
        changes.push_back(
            fmt::format("longest wait {} → {}", duration_text(was.longest_wait), duration_text(is.longest_wait)));
    if (was.first_runs != is.first_runs && !was.first_runs.empty() && !is.first_runs.empty())
        changes.push_back(fmt::format("first run {} → {}", to_text_seconds(was.first_runs.front()),
                                      to_text_seconds(is.first_runs.front())));
    return changes.empty() ? "" : fmt::format("~ {}: {}\n", id, fmt::join(changes, ", "));
}

}  // namespace

std::string load_row(const SimulationReport& report, int columns) {
    static constexpr std::array<const char*, 9> marks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const auto span = std::max<std::int64_t>((report.until - report.from).count(), 1);
    std::vector<std::int64_t> most(static_cast<std::size_t>(columns));
    for (const SimulatedMinute& minute : report.load.minutes) {
        const auto since = std::clamp<std::int64_t>((minute.at - report.from).count(), 0, span - 1);
        auto& column = most[static_cast<std::size_t>(since * columns / span)];
        column = std::max(column, minute.starts);
    }
    const auto top = std::max<std::int64_t>(report.load.busiest.starts, 1);
    std::string row;
    for (const std::int64_t starts : most) row += marks[static_cast<std::size_t>((starts * 8 + top - 1) / top)];
    return row;
}

std::string report_text(const SimulationReport& report) {
    std::string text = head_text(report) + tasks_text(report) + queues_text(report) + limits_text(report);
    text += minutes_text(report);
    for (const SimulatedTask& task : report.tasks)
        for (const std::string& note : task.notes) text += fmt::format("! {}: {}\n", task.id, note);
    return text;
}

std::string difference_text(const SimulationReport& before, const SimulationReport& after) {
    std::map<std::string, std::pair<const SimulatedTask*, const SimulatedTask*>> pairs;
    for (const SimulatedTask& task : before.tasks) pairs[task.id].first = &task;
    for (const SimulatedTask& task : after.tasks) pairs[task.id].second = &task;
    std::string text;
    for (const auto& [id, pair] : pairs) {
        const auto& [was, is] = pair;
        if (was == nullptr) text += fmt::format("+ {}: {} runs\n", id, is->runs);
        if (is == nullptr) text += fmt::format("- {}: {} runs\n", id, was->runs);
        if (was != nullptr && is != nullptr) text += task_difference(id, *was, *is);
    }
    return text + fmt::format(
                      "runs {} → {}, at most {} → {} out at once, busiest minute {} → {} starts, "
                      "minutes of waiting {} → {}\n",
                      before.runs, after.runs, before.load.in_flight_max, after.load.in_flight_max,
                      before.load.busiest.starts, after.load.busiest.starts, before.load.waiting_minutes,
                      after.load.waiting_minutes);
}

}  // namespace punkt::app

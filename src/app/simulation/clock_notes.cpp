#include "app/simulation/simulation.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/cron_preview.h"

namespace punkt::app {
namespace {

constexpr std::size_t notes_max = 20;
/// How far around a jump its runs are looked for: no clock jumps by more than a day.
constexpr std::chrono::hours around{3};

}  // namespace

std::vector<std::string> clock_notes(const Task& task, Timestamp from, Timestamp until) {
    std::vector<std::string> notes;
    const auto zone = TimeZone::find(task.timezone);
    const auto cron = Cron::parse(task.cron, {.dialect = task.dialect});
    if (!zone || !cron) return notes;
    for (Timestamp jump = zone->span_at(from).end; jump < until; jump = zone->span_at(jump).end) {
        Timestamp at = std::max(from, jump - around);
        for (bool more = true; more && notes.size() < notes_max;) {
            const auto runs = next_runs(*cron, *zone, at, cron_preview_runs_max);
            more = !runs.empty() && runs.back().at < jump + around;
            for (const CronRun& run : runs) {
                at = run.at;
                if (run.at >= until || run.at >= jump + around || notes.size() == notes_max) break;
                if (!run.note.empty()) notes.push_back(fmt::format("{}: {}", to_text_seconds(run.at), run.note));
            }
        }
        if (jump == Timestamp::max()) break;
    }
    return notes;
}

}  // namespace punkt::app

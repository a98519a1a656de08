#include "core/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"

namespace punkt {
namespace {

using namespace std::chrono_literals;

constexpr int interval_runs = 10;
constexpr Milliseconds interval_when_unknown = 24h;
constexpr Milliseconds grace_min = 30s;
constexpr Milliseconds grace_max = 1h;
constexpr Milliseconds skip_lateness_max = 30s;

constexpr const char* missed_while_away = "Scheduler was unavailable at scheduled time";
constexpr const char* missed_beyond_grace =
    "Scheduler was unavailable at scheduled time (later than half the interval, at most 1 h)";
constexpr const char* missed_by_policy = "Scheduler was unavailable at scheduled time (the task skips late runs)";
constexpr const char* missed_by_cap = "Scheduler was unavailable at scheduled time (more than 100 runs to catch up)";
static_assert(limits::catch_up_runs_max == 100, "missed_by_cap names the number");

Error on_field(const char* field, ErrorKind kind, std::string message) {
    return Error{.kind = kind, .message = fmt::format("{}: {}", field, message), .fields = {{field, message}}};
}

/// Instants from `due` on that are not after `now`, at most `most`; `next` is the one that follows them.
struct DueInstants {
    std::vector<Timestamp> instants;
    std::optional<Timestamp> next;
};

DueInstants instants_due(const Schedule& schedule, Timestamp due, Timestamp now, std::size_t most) {
    DueInstants found{{}, due};
    while (found.next && *found.next <= now && found.instants.size() < most) {
        found.instants.push_back(*found.next);
        found.next = schedule.next(*found.next);
    }
    return found;
}

}  // namespace

Result<Schedule> Schedule::create(const Task& task) {
    auto cron = Cron::parse(task.cron, {.dialect = task.dialect, .seconds_required = task.surface == Surface::tiktak});
    if (!cron) {
        return on_field("cron_expression", cron.error().kind,
                        fmt::format("is not a valid cron expression ({})", cron.error().message));
    }
    const auto zone = TimeZone::find(task.timezone);
    if (!zone) return on_field("timezone", zone.error().kind, zone.error().message);
    return Schedule(*cron, *zone);
}

std::optional<Timestamp> Schedule::next(Timestamp after) const { return cron_.next(after, zone_); }

Milliseconds Schedule::interval(Timestamp from) const {
    auto shortest = Milliseconds::max();
    auto before = next(from);
    for (int i = 1; before && i < interval_runs; ++i) {
        const auto run = next(*before);
        if (run) shortest = std::min(shortest, *run - *before);
        before = run;
    }
    return shortest == Milliseconds::max() ? interval_when_unknown : shortest;
}

Milliseconds Schedule::grace(Timestamp from) const { return std::clamp(interval(from) / 2, grace_min, grace_max); }

CatchUpPlan plan_catch_up(const Schedule& schedule, CatchUp policy, Timestamp due, Timestamp now, int instants_max) {
    // Whether an instant is among the newest that may run is known only when those behind it have been counted, so the
    // search goes further than what is dealt with.
    const auto dealt_with_max = static_cast<std::size_t>(std::max(instants_max, 1));
    const auto found = instants_due(schedule, due, now, dealt_with_max + limits::catch_up_runs_max);
    const auto dealt_with = std::min(found.instants.size(), dealt_with_max);

    CatchUpPlan plan;
    for (std::size_t i = 0; i < dealt_with; ++i) {
        const auto at = found.instants[i];
        const auto newer = found.instants.size() - 1 - i;
        const char* missed = nullptr;
        switch (policy) {
            case CatchUp::skip:
                if (now - at > skip_lateness_max) missed = missed_by_policy;
                break;
            case CatchUp::run_latest:
                if (newer > 0) {
                    missed = missed_while_away;
                } else if (now - at > schedule.grace(at)) {
                    missed = missed_beyond_grace;
                }
                break;
            case CatchUp::run_all:
                if (newer >= static_cast<std::size_t>(limits::catch_up_runs_max)) missed = missed_by_cap;
                break;
        }
        if (missed) {
            plan.missed.emplace_back(at, missed);
        } else {
            plan.run.push_back(at);
        }
    }
    plan.next = dealt_with < found.instants.size() ? found.instants[dealt_with] : found.next;
    return plan;
}

}  // namespace punkt

// The next runs of an expression, for people: GET /api/v1/cron/preview and `punkt cron next`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cron.h"
#include "core/time_zone.h"

namespace punkt {

constexpr int cron_preview_runs_max = 100;

struct CronRun {
    Timestamp at;
    std::string local;  // on the zone's clock: "2026-03-29T03:00:00+02:00"
    /// Where the clock jumps: "in the gap of 2026-03-29 02:00 to 03:00: 02:30 does not exist, runs at the first instant
    /// after". Empty otherwise.
    std::string note = {};
};

/// The first runs after `after`, at most `count` and `cron_preview_runs_max`; fewer when no more come. Errors: none.
std::vector<CronRun> next_runs(const Cron& cron, const TimeZone& zone, Timestamp after, int count);

/// Whether the next ten runs after `after` are others in the one dialect than in the other, or only one of them accepts
/// the expression. Source: contract "Cron dialect", sync and import name such expressions.
bool dialects_differ(std::string_view expression, const TimeZone& zone, Timestamp after);

}  // namespace punkt

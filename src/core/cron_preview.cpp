#include "core/cron_preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"

namespace punkt {
namespace {

using Local = TimeZone::Local;
using Kind = TimeZone::Instants::Kind;

constexpr int compared_runs = 10;

/// "2026-03-29T02:30:00", or from `from` to `length` of it
std::string clock_text(Local local, std::size_t from = 0, std::size_t length = 19) {
    return to_text_seconds(Timestamp{local.time_since_epoch()}).substr(from, length);
}

std::string date(Local local) { return clock_text(local, 0, 10); }

/// "02:30", with seconds when there are some
std::string time(Local local) {
    const auto text = clock_text(local, 11, 8);
    return text.ends_with(":00") ? text.substr(0, 5) : text;
}

std::string local_text(Timestamp at, const TimeZone& zone) {
    const auto span = zone.span_at(at);
    const auto east = std::chrono::duration_cast<std::chrono::minutes>(span.offset).count();
    return fmt::format("{}{}{:02}:{:02}", clock_text(span.to_local(at)), east < 0 ? '-' : '+', std::abs(east) / 60,
                       std::abs(east) % 60);
}

/// What a run at the end of a gap stands for. `cron` has fixed hours.
std::string gap_note(const Cron& cron, const TimeZone& zone, Timestamp at) {
    const auto after = zone.span_at(at);
    if (after.begin != at) return {};
    const auto skipped_from = zone.span_at(at - Milliseconds{1}).to_local(at);
    const auto skipped_to = after.to_local(at);
    if (skipped_from >= skipped_to) return {};

    // UTC has no jumps, so there the expression gives the readings themselves.
    const auto reading_after = [&](Local local) {
        const auto found = cron.next(Timestamp{local.time_since_epoch()}, TimeZone::utc());
        return found ? Local{found->time_since_epoch()} : Local::max();
    };
    const auto first = reading_after(skipped_from - Milliseconds{1});
    if (first >= skipped_to) return {};
    const bool more = reading_after(first) < skipped_to;
    const bool same_day = date(skipped_from) == date(skipped_to);
    return fmt::format("in the gap of {} {} to {}{}: {}{} not exist, runs {}at the first instant after",
                       date(skipped_from), time(skipped_from), same_day ? "" : date(skipped_to) + " ", time(skipped_to),
                       time(first), more ? " and later do" : " does", more ? "once, " : "");
}

std::string note(const Cron& cron, const TimeZone& zone, Timestamp at) {
    const auto reading = zone.to_local(at);
    const auto instants = zone.to_instants(reading);
    if (instants.kind == Kind::fold) {
        if (!cron.has_wildcard_hours()) {
            return fmt::format("the clock shows {} twice on {}: runs the first time", time(reading), date(reading));
        }
        return fmt::format("the clock shows {} twice on {}: this is the {} time", time(reading), date(reading),
                           at == instants.first ? "first" : "second");
    }
    return cron.has_wildcard_hours() ? std::string() : gap_note(cron, zone, at);
}

}  // namespace

std::vector<CronRun> next_runs(const Cron& cron, const TimeZone& zone, Timestamp after, int count) {
    std::vector<CronRun> runs;
    for (int i = 0; i < std::min(count, cron_preview_runs_max); ++i) {
        const auto at = cron.next(after, zone);
        if (!at) break;
        runs.push_back({.at = *at, .local = local_text(*at, zone), .note = note(cron, zone, *at)});
        after = *at;
    }
    return runs;
}

bool dialects_differ(std::string_view expression, const TimeZone& zone, Timestamp after) {
    const auto one = Cron::parse(expression, {.dialect = CronDialect::classic});
    const auto other = Cron::parse(expression, {.dialect = CronDialect::and_});
    if (!one || !other) return one.has_value() != other.has_value();
    for (int i = 0; i < compared_runs; ++i) {
        const auto at = one->next(after, zone);
        if (at != other->next(after, zone)) return true;
        if (!at) return false;
        after = *at;
    }
    return false;
}

}  // namespace punkt

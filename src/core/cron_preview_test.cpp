#include "core/cron_preview.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt {
namespace {

std::string preview(const char* expression, const char* zone, const char* after, int count) {
    std::string lines;
    for (const auto& run : next_runs(Cron::parse(expression).value(), TimeZone::find(zone).value(),
                                     parse_rfc3339(after).value(), count)) {
        lines += to_text_seconds(run.at) + " = " + run.local + (run.note.empty() ? "" : " (" + run.note + ")") + "\n";
    }
    return lines;
}

TEST(CronPreview, shows_runs_on_both_clocks) {
    EXPECT_EQ(preview("30 9 * * *", "UTC", "2026-01-01T00:00:00Z", 2),
              "2026-01-01T09:30:00Z = 2026-01-01T09:30:00+00:00\n2026-01-02T09:30:00Z = 2026-01-02T09:30:00+00:00\n");
    EXPECT_EQ(preview("30 9 * * *", "America/St_Johns", "2026-01-01T00:00:00Z", 1),
              "2026-01-01T13:00:00Z = 2026-01-01T09:30:00-03:30\n");
}

TEST(CronPreview, explains_runs_where_the_clock_jumps) {
    EXPECT_EQ(
        preview("30 2 * * *", "Europe/Oslo", "2026-03-28T12:00:00Z", 2),
        "2026-03-29T01:00:00Z = 2026-03-29T03:00:00+02:00 (in the gap of 2026-03-29 02:00 to 03:00: 02:30 does not "
        "exist, runs at the first instant after)\n"
        "2026-03-30T00:30:00Z = 2026-03-30T02:30:00+02:00\n");
    EXPECT_EQ(
        preview("*/20 2 * * *", "Europe/Oslo", "2026-03-28T12:00:00Z", 1),
        "2026-03-29T01:00:00Z = 2026-03-29T03:00:00+02:00 (in the gap of 2026-03-29 02:00 to 03:00: 02:00 and later "
        "do not exist, runs once, at the first instant after)\n");
    EXPECT_EQ(
        preview("0 12 * * *", "Pacific/Apia", "2011-12-29T23:00:00Z", 1),
        "2011-12-30T10:00:00Z = 2011-12-31T00:00:00+14:00 (in the gap of 2011-12-30 00:00 to 2011-12-31 00:00: 12:00 "
        "does not exist, runs at the first instant after)\n");
    EXPECT_EQ(
        preview("30 2 * * *", "Europe/Oslo", "2026-10-24T12:00:00Z", 1),
        "2026-10-25T00:30:00Z = 2026-10-25T02:30:00+02:00 (the clock shows 02:30 twice on 2026-10-25: runs the first "
        "time)\n");
    EXPECT_EQ(
        preview("30 * * * *", "Europe/Oslo", "2026-10-25T00:00:00Z", 3),
        "2026-10-25T00:30:00Z = 2026-10-25T02:30:00+02:00 (the clock shows 02:30 twice on 2026-10-25: this is the "
        "first time)\n"
        "2026-10-25T01:30:00Z = 2026-10-25T02:30:00+01:00 (the clock shows 02:30 twice on 2026-10-25: this is the "
        "second time)\n"
        "2026-10-25T02:30:00Z = 2026-10-25T03:30:00+01:00\n");
    // Three o'clock is a run of its own; nothing of this expression lies in the gap.
    EXPECT_EQ(preview("0 3 * * *", "Europe/Oslo", "2026-03-28T12:00:00Z", 1),
              "2026-03-29T01:00:00Z = 2026-03-29T03:00:00+02:00\n");
    EXPECT_EQ(preview("0 * * * *", "Europe/Oslo", "2026-03-29T00:30:00Z", 1),
              "2026-03-29T01:00:00Z = 2026-03-29T03:00:00+02:00\n");
}

TEST(CronPreview, gives_at_most_a_hundred_runs_and_none_for_none) {
    const auto every_minute = Cron::parse("* * * * *").value();
    EXPECT_EQ(next_runs(every_minute, TimeZone::utc(), Timestamp{}, 1000).size(), 100u);
    EXPECT_TRUE(next_runs(every_minute, TimeZone::utc(), Timestamp{}, 0).empty());
    EXPECT_TRUE(next_runs(every_minute, TimeZone::utc(), Timestamp{}, -5).empty());
    EXPECT_EQ(preview("0 0 0 1 1 * 2020", "UTC", "2026-01-01T00:00:00Z", 3), "");
}

TEST(CronPreview, says_when_the_dialects_differ) {
    const auto from = parse_rfc3339("2026-01-01T00:00:00Z").value();
    for (const char* same : {"* * * * *", "*/5 * * * *", "0 9 * * 1-5", "0 0 1 * *", "@daily", "61 * * * *"}) {
        EXPECT_FALSE(dialects_differ(same, TimeZone::utc(), from)) << same;
    }
    for (const char* different : {"0 0 13 * FRI", "0 0 */2 * *", "0 0 1 */3 *", "0 0 * * */2", "5/15 * * * *", "0 9",
                                  "0 0 1 L *", "0 0 0 1 1 *", "*  * * * *"}) {
        EXPECT_TRUE(dialects_differ(different, TimeZone::utc(), from)) << different;
    }
}

}  // namespace
}  // namespace punkt

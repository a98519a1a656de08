#include "core/cron.h"

#include <gtest/gtest.h>

#include <set>

#include "base/time_text.h"
#include "core/cron_fields.h"
#include "core/time_zone.h"

namespace punkt {
namespace {

constexpr CronOptions classic = {};
constexpr CronOptions runlater = {.dialect = CronDialect::and_};
constexpr CronOptions tiktak = {.dialect = CronDialect::and_, .seconds_required = true};

Timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TimeZone zone(const char* name) { return TimeZone::find(name).value(); }

Cron cron(std::string_view expression, CronOptions options = classic) {
    auto parsed = Cron::parse(expression, options);
    EXPECT_TRUE(parsed) << expression << ": " << parsed.error().message;
    return *parsed;
}

/// The next runs, one per line.
std::string runs(const Cron& cron, const char* after, int count, const TimeZone& zone = TimeZone::utc()) {
    std::string lines;
    auto from = at(after);
    for (int i = 0; i < count; ++i) {
        const auto next = cron.next(from, zone);
        lines += (i == 0 ? "" : "\n") + (next ? to_text_seconds(*next) : "never");
        if (!next) break;
        from = *next;
    }
    return lines;
}

std::string reason(std::string_view expression, CronOptions options = classic) {
    const auto parsed = Cron::parse(expression, options);
    return parsed ? "accepted" : parsed.error().message;
}

TEST(Cron, finds_the_first_instant_strictly_after) {
    struct Row {
        const char* expression;
        const char* after;
        const char* next;
    };
    const Row rows[] = {
        {"* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
        {"* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00Z"},
        {"* * * * *", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z"},
        {"*/5 * * * *", "2026-01-01T00:56:00Z", "2026-01-01T01:00:00Z"},
        {"30 9 * * 1-5", "2026-01-02T09:30:00Z", "2026-01-05T09:30:00Z"},
        {"0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        {"*/10 * * * * *", "2026-01-01T00:00:50Z", "2026-01-01T00:01:00Z"},
        {"59 59 23 31 12 *", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"},
        {"0 30 12 15 6 ? 2031", "2026-01-01T00:00:00Z", "2031-06-15T12:30:00Z"},
        {"0 0 * * SUN", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"  0\t0  *  * mon ", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"},
        {"@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
        {"@Daily", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
        {"@midnight", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
        {"@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"@monthly", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"},
        {"@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"@annually", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"@minutely", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
        {"@secondly", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"},
        {"* * * * *", "1903-01-01T00:00:00Z", "never read"},
    };
    for (const auto& row : rows) {
        const auto after = parse_rfc3339(row.after);
        const auto next = cron(row.expression).next(after.value_or(Timestamp::min()), TimeZone::utc());
        ASSERT_TRUE(next) << row.expression;
        const auto expected = after ? row.next : "1970-01-01T00:00:00Z";
        EXPECT_EQ(to_text_seconds(*next), expected) << row.expression << " after " << row.after;
    }
}

TEST(Cron, ranges_wrap_around_and_steps_go_on_through_the_wrap) {
    EXPECT_EQ(runs(cron("0 22-2/2 * * *"), "2026-01-01T00:00:00Z", 4),
              "2026-01-01T02:00:00Z\n2026-01-01T22:00:00Z\n2026-01-02T00:00:00Z\n2026-01-02T02:00:00Z");
    EXPECT_EQ(runs(cron("50-10/15 0 1 1 *"), "2026-01-01T00:00:01Z", 2), "2026-01-01T00:05:00Z\n2026-01-01T00:50:00Z");
    EXPECT_EQ(runs(cron("0 0 1 NOV-FEB *"), "2026-02-01T00:00:00Z", 4),
              "2026-11-01T00:00:00Z\n2026-12-01T00:00:00Z\n2027-01-01T00:00:00Z\n2027-02-01T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * FRI-MON"), "2026-01-01T00:00:00Z", 5),
              "2026-01-02T00:00:00Z\n2026-01-03T00:00:00Z\n2026-01-04T00:00:00Z\n2026-01-05T00:00:00Z\n"
              "2026-01-09T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * 6-7"), "2026-01-01T00:00:00Z", 3),
              "2026-01-03T00:00:00Z\n2026-01-04T00:00:00Z\n2026-01-10T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * 7-2"), "2026-01-01T00:00:00Z", 4),
              "2026-01-04T00:00:00Z\n2026-01-05T00:00:00Z\n2026-01-06T00:00:00Z\n2026-01-11T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 30-2 * *"), "2026-01-02T00:00:00Z", 3),
              "2026-01-30T00:00:00Z\n2026-01-31T00:00:00Z\n2026-02-01T00:00:00Z");
}

TEST(Cron, day_and_weekday_are_either_in_classic_and_both_in_the_other) {
    EXPECT_EQ(runs(cron("0 0 13 * FRI"), "2026-02-01T00:00:00Z", 4),
              "2026-02-06T00:00:00Z\n2026-02-13T00:00:00Z\n2026-02-20T00:00:00Z\n2026-02-27T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 13 * FRI", runlater), "2026-02-01T00:00:00Z", 3),
              "2026-02-13T00:00:00Z\n2026-03-13T00:00:00Z\n2026-11-13T00:00:00Z");
    // A star with a step is still a star: the days are odd and Mondays.
    EXPECT_EQ(runs(cron("0 0 */2 * MON"), "2026-01-01T00:00:00Z", 3),
              "2026-01-05T00:00:00Z\n2026-01-19T00:00:00Z\n2026-02-09T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 ? * MON"), "2026-01-01T00:00:00Z", 2), "2026-01-05T00:00:00Z\n2026-01-12T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 1 * ?"), "2026-01-01T00:00:00Z", 2), "2026-02-01T00:00:00Z\n2026-03-01T00:00:00Z");
}

TEST(Cron, starred_steps_count_from_the_start_in_classic_and_divide_in_the_other) {
    EXPECT_EQ(runs(cron("0 0 */10 * *"), "2026-01-01T00:00:00Z", 4),
              "2026-01-11T00:00:00Z\n2026-01-21T00:00:00Z\n2026-01-31T00:00:00Z\n2026-02-01T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 */10 * *", runlater), "2026-01-01T00:00:00Z", 4),
              "2026-01-10T00:00:00Z\n2026-01-20T00:00:00Z\n2026-01-30T00:00:00Z\n2026-02-10T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 1 */3 *"), "2026-01-01T00:00:00Z", 4),
              "2026-04-01T00:00:00Z\n2026-07-01T00:00:00Z\n2026-10-01T00:00:00Z\n2027-01-01T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 1 */3 *", runlater), "2026-01-01T00:00:00Z", 4),
              "2026-03-01T00:00:00Z\n2026-06-01T00:00:00Z\n2026-09-01T00:00:00Z\n2026-12-01T00:00:00Z");
    // Monday 5 January 2026: Tuesday, Thursday, Saturday against Sunday, Tuesday, Thursday, Saturday
    EXPECT_EQ(runs(cron("0 0 * * */2", runlater), "2026-01-05T00:00:00Z", 4),
              "2026-01-06T00:00:00Z\n2026-01-08T00:00:00Z\n2026-01-10T00:00:00Z\n2026-01-13T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * */2"), "2026-01-05T00:00:00Z", 4),
              "2026-01-06T00:00:00Z\n2026-01-08T00:00:00Z\n2026-01-10T00:00:00Z\n2026-01-11T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 1-10/4 * *", runlater), "2026-01-01T00:00:00Z", 3),
              "2026-01-05T00:00:00Z\n2026-01-09T00:00:00Z\n2026-02-01T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 1 L *", runlater), "2026-01-01T00:00:00Z", 1), "2026-12-01T00:00:00Z");
}

TEST(Cron, a_number_with_a_step_runs_to_the_end_of_the_field) {
    EXPECT_EQ(runs(cron("50/4 0 * * *"), "2026-01-01T00:00:00Z", 4),
              "2026-01-01T00:50:00Z\n2026-01-01T00:54:00Z\n2026-01-01T00:58:00Z\n2026-01-02T00:50:00Z");
    EXPECT_EQ(runs(cron("0 0 0 * * 5/1", tiktak), "2026-01-01T00:00:00Z", 3),
              "2026-01-02T00:00:00Z\n2026-01-03T00:00:00Z\n2026-01-09T00:00:00Z");
    EXPECT_EQ(reason("5/15 * * * *", runlater), "minute '5/15': a step needs a range here, such as '5-59/15'");
}

TEST(Cron, knows_the_last_and_the_nearest_days) {
    EXPECT_EQ(runs(cron("0 0 L * *"), "2026-01-01T00:00:00Z", 3),
              "2026-01-31T00:00:00Z\n2026-02-28T00:00:00Z\n2026-03-31T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 L 2 *"), "2026-03-01T00:00:00Z", 2), "2027-02-28T00:00:00Z\n2028-02-29T00:00:00Z");
    // 31 January 2026 is a Saturday, 31 May a Sunday.
    EXPECT_EQ(runs(cron("0 0 lw 1,5 *"), "2026-01-01T00:00:00Z", 2), "2026-01-30T00:00:00Z\n2026-05-29T00:00:00Z");
    // 15 August 2026 is a Saturday, 15 November a Sunday, 15 December a Tuesday.
    EXPECT_EQ(runs(cron("0 0 15W 8-12 *"), "2026-08-01T00:00:00Z", 5),
              "2026-08-14T00:00:00Z\n2026-09-15T00:00:00Z\n2026-10-15T00:00:00Z\n2026-11-16T00:00:00Z\n"
              "2026-12-15T00:00:00Z");
    // 1 August 2026 is a Saturday: Friday would be July. 31 May 2026 is a Sunday: Monday would be June.
    EXPECT_EQ(runs(cron("0 0 1W 8 *"), "2026-01-01T00:00:00Z", 1), "2026-08-03T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 31W 4-5 *"), "2026-04-01T00:00:00Z", 1), "2026-05-29T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * 5L"), "2026-01-01T00:00:00Z", 2), "2026-01-30T00:00:00Z\n2026-02-27T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * friL,MON#1"), "2026-01-01T00:00:00Z", 3),
              "2026-01-05T00:00:00Z\n2026-01-30T00:00:00Z\n2026-02-02T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * 4#5"), "2026-01-01T00:00:00Z", 2), "2026-01-29T00:00:00Z\n2026-04-30T00:00:00Z");
    EXPECT_EQ(runs(cron("0 0 * * 7#1"), "2026-01-01T00:00:00Z", 1), "2026-01-04T00:00:00Z");
}

TEST(Cron, reads_fields_as_each_dialect_counts_them) {
    EXPECT_EQ(runs(cron("30", runlater), "2026-01-01T00:00:00Z", 2), "2026-01-01T00:30:00Z\n2026-01-01T01:30:00Z");
    EXPECT_EQ(runs(cron("30 9", runlater), "2026-01-01T00:00:00Z", 2), "2026-01-01T09:30:00Z\n2026-01-02T09:30:00Z");
    EXPECT_EQ(runs(cron("0 0 1 1 * 2027", runlater), "2026-01-01T00:00:00Z", 2), "2027-01-01T00:00:00Z\nnever");
    EXPECT_EQ(runs(cron("5 0 0 1 1 * 2027", runlater), "2026-01-01T00:00:00Z", 2), "2027-01-01T00:00:05Z\nnever");
    EXPECT_EQ(runs(cron("5 0 0 1 1 *", tiktak), "2026-01-01T00:00:00Z", 1), "2026-01-01T00:00:05Z");
    EXPECT_EQ(runs(cron("5 0 0 1 1 *"), "2026-01-01T00:00:00Z", 1), "2026-01-01T00:00:05Z");
    EXPECT_EQ(
        reason("* * * *"),
        "the expression has 4 fields, expected 5 (minute hour day month weekday), 6 (second in front) or 7 (year at "
        "the end as well)");
    EXPECT_EQ(reason("* * * * *", tiktak),
              "the expression has 5 fields, expected 6 (second minute hour day month weekday) or 7 (year at the end)");
    EXPECT_EQ(
        reason("* * * * * * * *", runlater),
        "the expression has 8 fields, expected 1 to 6 (minute hour day month weekday year) or 7 (second in front as "
        "well)");
    EXPECT_EQ(reason("*  * * * *", runlater), "fields are separated by one blank, with none in front or behind");
    EXPECT_EQ(reason(" * * * * *", runlater), "fields are separated by one blank, with none in front or behind");
    EXPECT_EQ(reason("* * * * * ", runlater), "fields are separated by one blank, with none in front or behind");
}

TEST(Cron, names_field_value_and_range_when_it_refuses) {
    struct Row {
        const char* expression;
        const char* reason;
    };
    const Row rows[] = {
        {"", "the expression is empty"},
        {"   ", "the expression is empty"},
        {"61 * * * *", "minute 61 is not between 0 and 59"},
        {"* 24 * * *", "hour 24 is not between 0 and 23"},
        {"* * 0 * *", "day 0 is not between 1 and 31"},
        {"* * 32W * *", "day 32 is not between 1 and 31"},
        {"* * * 13 *", "month 13 is not between 1 and 12"},
        {"* * * * 8", "weekday 8 is not between 0 and 7"},
        {"60 * * * * *", "second 60 is not between 0 and 59"},
        {"0 0 0 1 1 * 2200", "year 2200 is not between 1970 and 2199"},
        {"0 0 0 1 1 * 2030-2026", "year '2030-2026' runs backwards"},
        {"99999999999999999999 * * * *", "minute 99999999999999999999 is not between 0 and 59"},
        {"*/0 * * * *", "minute '*/0': step 0 is not between 1 and 9999"},
        {"*/ * * * *", "minute '*/' has no number after the '/'"},
        {"*/-5 * * * *", "minute '*/-5' has no number after the '/'"},
        {"1,,2 * * * *", "minute has an empty item"},
        {"1, * * * *", "minute has an empty item"},
        {"-5 * * * *", "minute '-5' is not understood: expected 0 to 59, or a list, range or step of these"},
        {"1-2-3 * * * *", "minute '1-2-3' is not understood: expected 0 to 59, or a list, range or step of these"},
        {"** * * * *", "minute '**' is not understood: expected 0 to 59, or a list, range or step of these"},
        {"* * * FOO *",
         "month 'FOO' is not understood: expected 1 to 12, JAN to DEC, or a list, range or step of these"},
        {"* * * L *", "month 'L' is not understood: expected 1 to 12, JAN to DEC, or a list, range or step of these"},
        {"* * * * MONDAY",
         "weekday 'MONDAY' is not understood: expected 0 to 7, SUN to SAT, or a list, range or step of these"},
        {"* * * * FRI#6", "weekday 'FRI#6': the number after '#' is not between 1 and 5"},
        {"* * * * L", "weekday 'L' needs a day: 5L is the last Friday of the month"},
        {"* * L-3 * *", "day 'L-3' is not understood: expected 1 to 31, or a list, range or step of these"},
        {"@reboot", "@reboot names no time: a restart of this service is no event of yours, trigger the task instead"},
        {"@daily *", "'@daily' stands alone, without fields"},
        {"@fortnightly",
         "'@fortnightly' is not known: expected @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, "
         "@minutely or @secondly"},
        {"* * * * \xc3\xa9", "the expression contains the byte 0xc3"},
        {"* * * * *\n", "the expression contains the byte 0x0a"},
    };
    for (const auto& row : rows) EXPECT_EQ(reason(row.expression), row.reason) << row.expression;
    EXPECT_EQ(reason(std::string(257, '*')), "the expression is longer than 256 bytes");
    EXPECT_EQ(reason("0 0 */40 * *", runlater), "day '*/40' matches nothing: no day is divisible by 40");
}

TEST(Cron, refuses_dates_that_never_come_with_a_reason) {
    struct Row {
        const char* expression;
        const char* reason;
    };
    const Row rows[] = {
        {"0 0 30 2 *", "never matches: February has no day 30"},
        {"0 0 30,31 2 *", "never matches: February has no day 30 or later"},
        {"0 0 31 4,6 *", "never matches: neither April nor June has a day 31"},
        {"0 0 31W 2,4,6 *", "never matches: neither February, April nor June has a day 31"},
        {"0 0 0 29 2 * 2027", "never matches: February has a day 29 only in leap years"},
        {"0 0 0 29 2 * 2100", "never matches: February has a day 29 only in leap years"},
        {"0 0 0 */28 2 MON 2026", "never matches: no date fits its day, month, weekday and year together"},
    };
    for (const auto& row : rows) EXPECT_EQ(reason(row.expression), row.reason) << row.expression;
    EXPECT_EQ(reason("0 0 30 2 *", runlater), "never matches: February has no day 30");
    EXPECT_EQ(reason("0 0 29 2 MON#1", runlater),
              "never matches: no date fits its day, month, weekday and year together");
    EXPECT_EQ(reason("0 0 30 2 MON"), "accepted");
}

TEST(Cron, has_no_next_run_when_its_years_have_passed) {
    EXPECT_EQ(runs(cron("0 0 0 1 1 * 2020"), "2026-01-01T00:00:00Z", 1), "never");
    EXPECT_EQ(runs(cron("* * * * *"), "2199-12-31T23:58:00Z", 2), "2199-12-31T23:59:00Z\nnever");
    EXPECT_EQ(runs(cron("* * * * *"), "9999-12-31T23:58:00Z", 1), "never");
    EXPECT_EQ(cron("* * * * *").next(Timestamp::max(), zone("Europe/Oslo")), std::nullopt);
}

TEST(Cron, a_run_in_a_gap_happens_once_right_after_it) {
    const auto oslo = zone("Europe/Oslo");
    EXPECT_EQ(runs(cron("30 2 * * *"), "2026-03-28T00:00:00Z", 3, oslo),
              "2026-03-28T01:30:00Z\n2026-03-29T01:00:00Z\n2026-03-30T00:30:00Z");
    // Four readings in the gap and one right behind it are one run.
    EXPECT_EQ(runs(cron("*/15 2 * * *"), "2026-03-28T23:00:00Z", 2, oslo),
              "2026-03-29T01:00:00Z\n2026-03-30T00:00:00Z");
    EXPECT_EQ(runs(cron("0 2,3 * * *"), "2026-03-28T23:00:00Z", 2, oslo), "2026-03-29T01:00:00Z\n2026-03-30T00:00:00Z");
    EXPECT_EQ(runs(cron("15 2 * * *"), "2020-10-03T00:00:00Z", 2, zone("Australia/Lord_Howe")),
              "2020-10-03T15:30:00Z\n2020-10-04T15:15:00Z");
    EXPECT_EQ(runs(cron("0 0 * * *"), "2020-03-07T06:00:00Z", 2, zone("America/Havana")),
              "2020-03-08T05:00:00Z\n2020-03-09T04:00:00Z");
    // A whole day without readings
    EXPECT_EQ(runs(cron("0 12 * * *"), "2011-12-29T00:00:00Z", 3, zone("Pacific/Apia")),
              "2011-12-29T22:00:00Z\n2011-12-30T10:00:00Z\n2011-12-30T22:00:00Z");
    EXPECT_EQ(runs(cron("0 12 30 12 *"), "2011-12-01T00:00:00Z", 2, zone("Pacific/Apia")),
              "2011-12-30T10:00:00Z\n2012-12-29T22:00:00Z");
}

TEST(Cron, a_fixed_hour_in_a_fold_happens_once_the_first_time) {
    const auto oslo = zone("Europe/Oslo");
    EXPECT_EQ(runs(cron("30 2 * * *"), "2026-10-24T12:00:00Z", 2, oslo), "2026-10-25T00:30:00Z\n2026-10-26T01:30:00Z");
    EXPECT_EQ(runs(cron("*/30 2 * * *"), "2026-10-24T12:00:00Z", 3, oslo),
              "2026-10-25T00:00:00Z\n2026-10-25T00:30:00Z\n2026-10-26T01:00:00Z");
    // Asked in the middle of the repetition
    EXPECT_EQ(runs(cron("30 2 * * *"), "2026-10-25T01:10:00Z", 1, oslo), "2026-10-26T01:30:00Z");
    EXPECT_EQ(runs(cron("45 1 * * *"), "2020-04-04T00:00:00Z", 2, zone("Australia/Lord_Howe")),
              "2020-04-04T14:45:00Z\n2020-04-05T15:15:00Z");
}

TEST(Cron, wildcard_hours_follow_elapsed_time) {
    const auto oslo = zone("Europe/Oslo");
    EXPECT_EQ(runs(cron("*/30 * * * *"), "2026-10-24T23:30:00Z", 6, oslo),
              "2026-10-25T00:00:00Z\n2026-10-25T00:30:00Z\n2026-10-25T01:00:00Z\n2026-10-25T01:30:00Z\n"
              "2026-10-25T02:00:00Z\n2026-10-25T02:30:00Z");
    EXPECT_EQ(runs(cron("30 * * * *"), "2026-10-24T23:30:00Z", 3, oslo),
              "2026-10-25T00:30:00Z\n2026-10-25T01:30:00Z\n2026-10-25T02:30:00Z");
    EXPECT_EQ(runs(cron("30 * * * *"), "2026-03-29T00:00:00Z", 3, oslo),
              "2026-03-29T00:30:00Z\n2026-03-29T01:30:00Z\n2026-03-29T02:30:00Z");
    EXPECT_EQ(runs(cron("0 */2 * * *"), "2026-10-24T23:30:00Z", 3, oslo),
              "2026-10-25T00:00:00Z\n2026-10-25T01:00:00Z\n2026-10-25T03:00:00Z");
    EXPECT_EQ(runs(cron("30 0-23 * * *"), "2026-10-24T23:30:00Z", 2, oslo),
              "2026-10-25T00:30:00Z\n2026-10-25T01:30:00Z");
    EXPECT_EQ(runs(cron("45 * * * *"), "2020-04-04T14:00:00Z", 3, zone("Australia/Lord_Howe")),
              "2020-04-04T14:45:00Z\n2020-04-04T15:15:00Z\n2020-04-04T16:15:00Z");
    EXPECT_EQ(runs(cron("* * * * * *"), "2026-10-25T00:59:58Z", 3, oslo),
              "2026-10-25T00:59:59Z\n2026-10-25T01:00:00Z\n2026-10-25T01:00:01Z");
}

TEST(Cron, looks_at_a_bounded_number_of_months) {
    struct Row {
        const char* expression;
        const char* from;
        CronOptions options;
        int months_max;
    };
    // What costs most: every month of every year, or every February, looked at in vain. 2,760 months lie in 1970-2199.
    const Row rows[] = {
        {"* * * * *", "2026-01-01T00:00:00Z", classic, 1},
        {"0 0 31 * *", "2026-02-01T00:00:00Z", classic, 2},
        {"0 0 29 2 *", "2096-03-01T00:00:00Z", classic, 10},
        {"0 0 29 2 MON", "2072-03-01T00:00:00Z", runlater, 42},
        {"0 0 31 12 SUN#5", "2026-01-01T00:00:00Z", runlater, 12},
        {"0 0 29 2 5#5", "2176-03-01T00:00:00Z", runlater, 30},
        {"0 0 0 29 2 * 2196", "1970-01-01T00:00:00Z", classic, 1},
    };
    for (const auto& row : rows) {
        const auto fields = parse_cron_fields(row.expression, row.options);
        ASSERT_TRUE(fields) << row.expression;
        int months = 0;
        const auto from =
            std::chrono::local_seconds{std::chrono::floor<std::chrono::seconds>(at(row.from)).time_since_epoch()};
        first_match(*fields, from, &months);
        EXPECT_LE(months, row.months_max) << row.expression;
    }
}

TEST(Cron, tells_whether_it_needs_seconds) {
    EXPECT_FALSE(cron("* * * * *").has_seconds());
    EXPECT_FALSE(cron("0 * * * * *").has_seconds());
    EXPECT_TRUE(cron("30 * * * * *").has_seconds());
    EXPECT_TRUE(cron("@secondly").has_seconds());
}

}  // namespace
}  // namespace punkt

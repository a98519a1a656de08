#include "base/time_text.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp new_year_2026 = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

TEST(TimeText, writes_whole_seconds_cut_not_rounded) {
    EXPECT_EQ(to_text_seconds(new_year_2026), "2026-01-01T00:00:00Z");
    EXPECT_EQ(to_text_seconds(new_year_2026 + 999ms), "2026-01-01T00:00:00Z");
    EXPECT_EQ(to_text_seconds(new_year_2026 - 1ms), "2025-12-31T23:59:59Z");
    EXPECT_EQ(to_text_seconds(from_ms(-1)), "1969-12-31T23:59:59Z");
}

TEST(TimeText, writes_milliseconds_with_three_digits) {
    EXPECT_EQ(to_text_ms(new_year_2026 + 7ms), "2026-01-01T00:00:00.007Z");
    EXPECT_EQ(to_text_ms(new_year_2026 + 23h + 59min + 58s + 120ms), "2026-01-01T23:59:58.120Z");
}

TEST(TimeText, reads_what_it_writes) {
    for (std::int64_t ms : {0LL, 1LL, 951'782'400'000LL, 1'767'225'600'123LL, 253'402'300'799'999LL}) {
        EXPECT_EQ(parse_rfc3339(to_text_ms(from_ms(ms))), from_ms(ms)) << ms;
    }
}

TEST(TimeText, reads_every_spelling_rfc_3339_allows) {
    struct Row {
        const char* text;
        Timestamp expected;
    };
    const Row rows[] = {
        {"2026-01-01T00:00:00Z", new_year_2026},
        {"2026-01-01t00:00:00z", new_year_2026},
        {"2026-01-01 00:00:00Z", new_year_2026},
        {"2026-01-01T05:45:00+05:45", new_year_2026},
        {"2025-12-31T20:30:00-03:30", new_year_2026},
        {"2026-01-01T00:00:00-00:00", new_year_2026},
        {"2026-01-01T00:00:00.1Z", new_year_2026 + 100ms},
        {"2026-01-01T00:00:00.12Z", new_year_2026 + 120ms},
        {"2026-01-01T00:00:00.9999999999999999999Z", new_year_2026 + 999ms},
        {"2025-12-31T23:59:60Z", new_year_2026},
        {"2026-01-01T05:29:60.250+05:30", new_year_2026 + 250ms},
        {"1970-01-01T00:00:00Z", from_ms(0)},
        {"2024-02-29T00:00:00Z", std::chrono::sys_days{std::chrono::year{2024} / 2 / 29}},
    };
    for (const auto& row : rows) EXPECT_EQ(parse_rfc3339(row.text), row.expected) << row.text;
}

TEST(TimeText, refuses_what_is_no_rfc_3339) {
    for (const char* text : {"",
                             "2026",
                             "2026-01-01",
                             "2026-01-01T00:00:00",
                             "2026-01-01T00:00Z",
                             "2026-01-01T00:00:00.Z",
                             "2026-01-01T00:00:00,5Z",
                             "2026-1-01T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-02-29T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "2026-01-01T24:00:00Z",
                             "2026-01-01T00:60:00Z",
                             "2026-01-01T00:00:61Z",
                             "2026-01-01T12:00:60Z",
                             "2026-01-01T00:00:00+0100",
                             "2026-01-01T00:00:00+24:00",
                             "2026-01-01T00:00:00+01:60",
                             "2026-01-01T00:00:00Zx",
                             " 2026-01-01T00:00:00Z",
                             "1969-12-31T23:59:59Z",
                             "1970-01-01T00:00:00+01:00",
                             "9999-12-31T23:59:59-00:01",
                             "+2026-01-01T00:00:00Z",
                             "20260101T000000Z",
                             "2026-01-01T-1:00:00Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(TimeText, reads_durations_of_one_unit) {
    EXPECT_EQ(parse_duration("1s"), 1s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("007d"), 7 * 24h);
    EXPECT_EQ(parse_duration("36500d"), 36500 * 24h);
    EXPECT_EQ(parse_duration("3153600000s"), 36500 * 24h);
}

TEST(TimeText, refuses_durations_without_value_unit_or_bound) {
    for (const char* text : {"", "s", "0s", "000d", "30", "-1s", "+1s", "1.5h", "1w", "1ms", "5M", "1h30m", " 1s",
                             "1s ", "36501d", "3153600001s", "99999999999999999999999s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(TimeText, reads_retry_after_as_seconds_or_date) {
    EXPECT_EQ(parse_retry_after("120", new_year_2026), 120s);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 00:00:30 GMT", new_year_2026), 30s);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 00:00:30 GMT", new_year_2026 + 500ms), 29'500ms);
    // Too many digits still mean "much later"; the caller has a cap.
    EXPECT_EQ(parse_retry_after("99999999999999999999999", new_year_2026), 36500 * 24h);
}

TEST(TimeText, ignores_retry_after_that_is_past_or_garbage) {
    for (const char* text :
         {"", "0", "-1", "1.5", "soon", "120s", " 120", "Thu, 01 Jan 2026 00:00:00 GMT",
          "Wed, 31 Dec 2025 23:59:59 GMT", "Thu, 01 Jan 2027 00:00:00 UTC", "Thu, 1 Jan 2027 00:00:00 GMT",
          "Thursday, 01-Jan-27 00:00:00 GMT", "Thu, 32 Jan 2027 00:00:00 GMT", "Thu, 01 Jan 2027 24:00:00 GMT",
          "Fri, 01 Jan 2027 00:00:00 GMT+1"}) {
        EXPECT_EQ(parse_retry_after(text, new_year_2026), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace punkt

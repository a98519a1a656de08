#include "core/tzif.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/posix_zone_rule.h"

namespace punkt {
namespace {

std::string big_endian(std::int64_t value, int width) {
    std::string bytes;
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
}

struct File {
    char version = '2';
    std::vector<std::int64_t> times = {};
    std::vector<int> types = {};
    std::vector<int> offsets = {3600};
    std::string footer = {};
    int leaps = 0;

    std::string block(int width) const {
        std::string bytes = std::string("TZif") + version + std::string(15, '\0');
        for (std::size_t count :
             {std::size_t{0}, std::size_t{0}, std::size_t(leaps), times.size(), offsets.size(), std::size_t{4}})
            bytes += big_endian(static_cast<std::int64_t>(count), 4);
        for (auto time : times) bytes += big_endian(time, width);
        for (int type : types) bytes += static_cast<char>(type);
        for (int offset : offsets) bytes += big_endian(offset, 4) + std::string(2, '\0');
        return bytes + std::string("ABC\0", 4) + std::string(leaps * static_cast<std::size_t>(width + 4), '\0');
    }
    std::string bytes() const {
        if (version == '\0') return block(4);
        return block(4) + block(8) + "\n" + footer + "\n";
    }
};

std::int64_t utc(int year, unsigned month, unsigned day, int hour = 0) {
    const std::chrono::sys_days date{std::chrono::year{year} / month / day};
    return std::chrono::sys_seconds{date + std::chrono::hours{hour}}.time_since_epoch().count();
}

std::int32_t offset_at(const ZoneTable& table, std::int64_t at) {
    const auto next = std::upper_bound(table.starts.begin(), table.starts.end(), at) - table.starts.begin();
    return table.offsets[static_cast<std::size_t>(next)];
}

TEST(Tzif, reads_a_zone_that_never_changed) {
    const auto table = parse_tzif(File{.offsets = {-18000}, .footer = "EST5"}.bytes());
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->starts.empty());
    EXPECT_EQ(table->offsets, std::vector<std::int32_t>{-18000});
}

TEST(Tzif, reads_files_of_version_one) {
    const auto table =
        parse_tzif(File{.version = '\0', .times = {utc(2000, 1, 1)}, .types = {1}, .offsets = {3600, 7200}}.bytes());
    ASSERT_TRUE(table);
    EXPECT_EQ(table->starts, std::vector<std::int64_t>{utc(2000, 1, 1)});
    EXPECT_EQ(table->offsets, (std::vector<std::int32_t>{3600, 7200}));
}

TEST(Tzif, follows_the_footer_of_a_slim_file_for_two_centuries) {
    const auto table =
        parse_tzif(File{.times = {utc(1996, 10, 27, 1)}, .types = {0}, .footer = "CET-1CEST,M3.5.0,M10.5.0/3"}.bytes());
    ASSERT_TRUE(table);
    for (int year : {1997, 2026, 2038, 2100, 2200}) {
        EXPECT_EQ(offset_at(*table, utc(year, 1, 15)), 3600) << year;
        EXPECT_EQ(offset_at(*table, utc(year, 7, 15)), 7200) << year;
    }
    EXPECT_EQ(offset_at(*table, utc(2026, 3, 29, 1) - 1), 3600);
    EXPECT_EQ(offset_at(*table, utc(2026, 3, 29, 1)), 7200);
    EXPECT_EQ(offset_at(*table, utc(2026, 10, 25, 1) - 1), 7200);
    EXPECT_EQ(offset_at(*table, utc(2026, 10, 25, 1)), 3600);
}

TEST(Tzif, ignores_changes_that_move_no_clock) {
    const auto table = parse_tzif(
        File{.times = {utc(1990, 1, 1), utc(1991, 1, 1)}, .types = {1, 0}, .offsets = {3600, 3600}, .footer = "CET-1"}
            .bytes());
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->starts.empty());
}

TEST(Tzif, refuses_broken_files_with_a_reason) {
    const std::string good = File{.times = {utc(2000, 1, 1)}, .types = {0}, .footer = "CET-1"}.bytes();
    ASSERT_TRUE(parse_tzif(good));
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(parse_tzif(good.substr(0, length))) << length;
    }
    EXPECT_FALSE(parse_tzif("zone,offset\n"));
    EXPECT_FALSE(parse_tzif(File{.times = {2, 1}, .types = {0, 0}}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.times = {1, 1}, .types = {0, 0}}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.times = {1}, .types = {7}}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.offsets = {200000}}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.offsets = {}}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.leaps = 1}.bytes()));
    EXPECT_FALSE(parse_tzif(File{.footer = "CET"}.bytes()));
    std::string lying = good;
    lying[32] = '\x7f';  // two billion times announced
    EXPECT_FALSE(parse_tzif(lying));
}

TEST(PosixZoneRule, reads_every_form) {
    for (const char* text :
         {"UTC0", "EST5", "<+0330>-3:30", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0",
          "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "IST-1GMT0,M10.5.0,M3.5.0/1", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
          "XXX3EDT4,J60,300/23:30:15", "IST-2IDT,M3.4.4/26,M10.5.0"}) {
        EXPECT_TRUE(PosixZoneRule::parse(text)) << text;
    }
    for (const char* text : {"", "C1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                             "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5",
                             "CET-1CEST,366,1", "CET-25", "<+03-3", "CET-1 ", "CET-1CEST,M3.5.0,M10.5.0/3 "}) {
        EXPECT_FALSE(PosixZoneRule::parse(text)) << text;
    }
}

TEST(PosixZoneRule, reads_dates_on_the_clock_valid_until_then) {
    struct Row {
        const char* rule;
        std::int64_t first, second;
    };
    const Row rows[] = {
        // Northern: forward first. Southern: back first. Ireland writes winter as the exception.
        {"CET-1CEST,M3.5.0,M10.5.0/3", utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", utc(2026, 4, 4, 15), utc(2026, 10, 3, 15) + 1800},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)},
        // Hours before midnight and past the day's end
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)},
        {"IST-2IDT,M3.4.4/26,M10.5.0", utc(2026, 3, 27, 0), utc(2026, 10, 24, 23)},
        // Day 60 without leap days is 1 March; counted with them, day 59 is 29 February 2028.
        {"AAA0BBB,J60/0,J61/1", utc(2028, 3, 1, 0), utc(2028, 3, 2, 0)},
        {"AAA0BBB,59/0,60/1", utc(2028, 2, 29, 0), utc(2028, 3, 1, 0)},
    };
    for (const auto& row : rows) {
        const auto rule = PosixZoneRule::parse(row.rule);
        ASSERT_TRUE(rule) << row.rule;
        const auto year = row.first < utc(2027, 1, 1) ? 2026 : 2028;
        const auto changes = rule->changes_in(year);
        ASSERT_EQ(changes.size(), 2u);
        EXPECT_EQ(changes[0].at, row.first) << row.rule;
        EXPECT_EQ(changes[1].at, row.second) << row.rule;
    }
}

TEST(Tzif, keeps_summer_time_all_year_when_a_rule_says_so) {
    const auto table = parse_tzif(
        File{.times = {utc(2000, 1, 1)}, .types = {0}, .offsets = {-14400}, .footer = "XXX3EDT4,0/0,J365/23"}.bytes());
    ASSERT_TRUE(table);
    for (unsigned month = 1; month <= 12; ++month)
        EXPECT_EQ(offset_at(*table, utc(2026, month, 1, 12)), -14400) << month;
}

}  // namespace
}  // namespace punkt

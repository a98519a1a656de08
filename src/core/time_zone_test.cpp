#include "core/time_zone.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/time_text.h"
#include "core/zone_database.h"

namespace punkt {
namespace {

using Kind = TimeZone::Instants::Kind;

Timestamp at(const char* text) { return parse_rfc3339(text).value(); }
/// A local time, written as if it were UTC.
TimeZone::Local local(const char* text) { return TimeZone::Local{at(text).time_since_epoch()}; }
std::string text(TimeZone::Local local) { return to_text_seconds(Timestamp{local.time_since_epoch()}); }

TimeZone zone(const char* name) {
    auto found = TimeZone::find(name);
    EXPECT_TRUE(found) << name;
    return found ? *found : TimeZone::utc();
}

TEST(TimeZone, utc_needs_no_database) {
    const auto utc = TimeZone::utc();
    EXPECT_EQ(utc.name(), "UTC");
    EXPECT_EQ(text(utc.to_local(at("2026-07-01T12:00:00Z"))), "2026-07-01T12:00:00Z");
    EXPECT_EQ(utc.to_instants(local("2026-07-01T12:00:00Z")).first, at("2026-07-01T12:00:00Z"));
    EXPECT_EQ(TimeZone::find("UTC")->name(), "UTC");
}

TEST(TimeZone, shows_the_clock_of_its_place_also_far_ahead) {
    struct Row {
        const char* zone;
        const char* instant;
        const char* clock;
    };
    const Row rows[] = {
        {"Europe/Oslo", "2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z"},
        {"Europe/Oslo", "2026-07-01T12:00:00Z", "2026-07-01T14:00:00Z"},
        {"Europe/Oslo", "2090-07-01T12:00:00Z", "2090-07-01T14:00:00Z"},
        {"America/New_York", "2050-07-01T12:00:00Z", "2050-07-01T08:00:00Z"},
        {"Asia/Kathmandu", "2020-01-01T00:00:00Z", "2020-01-01T05:45:00Z"},
        {"Australia/Lord_Howe", "2020-01-01T00:00:00Z", "2020-01-01T11:00:00Z"},
        {"Australia/Lord_Howe", "2020-07-01T00:00:00Z", "2020-07-01T10:30:00Z"},
        {"Europe/Dublin", "2020-07-01T00:00:00Z", "2020-07-01T01:00:00Z"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59Z"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z"},
        {"Etc/GMT+5", "2020-01-01T12:00:00Z", "2020-01-01T07:00:00Z"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(text(zone(row.zone).to_local(at(row.instant))), row.clock) << row.zone << " " << row.instant;
    }
}

TEST(TimeZone, tells_gaps_folds_and_plain_times_apart) {
    struct Row {
        const char* zone;
        const char* clock;
        Kind kind;
        const char* first;
        const char* second;
    };
    const Row rows[] = {
        {"Europe/Oslo", "2026-03-29T01:59:59Z", Kind::unique, "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z"},
        {"Europe/Oslo", "2026-03-29T02:00:00Z", Kind::gap, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Oslo", "2026-03-29T02:59:59Z", Kind::gap, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Oslo", "2026-03-29T03:00:00Z", Kind::unique, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Oslo", "2026-10-25T01:59:59Z", Kind::unique, "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z"},
        {"Europe/Oslo", "2026-10-25T02:00:00Z", Kind::fold, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
        {"Europe/Oslo", "2026-10-25T02:59:59Z", Kind::fold, "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z"},
        {"Europe/Oslo", "2026-10-25T03:00:00Z", Kind::unique, "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
        {"Australia/Lord_Howe", "2020-10-04T02:15:00Z", Kind::gap, "2020-10-03T15:30:00Z", "2020-10-03T15:30:00Z"},
        {"Australia/Lord_Howe", "2020-04-05T01:45:00Z", Kind::fold, "2020-04-04T14:45:00Z", "2020-04-04T15:15:00Z"},
        {"Pacific/Apia", "2011-12-30T12:00:00Z", Kind::gap, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
        {"America/Havana", "2020-03-08T00:30:00Z", Kind::gap, "2020-03-08T05:00:00Z", "2020-03-08T05:00:00Z"},
        {"America/Havana", "2020-11-01T00:30:00Z", Kind::fold, "2020-11-01T04:30:00Z", "2020-11-01T05:30:00Z"},
    };
    for (const auto& row : rows) {
        const auto instants = zone(row.zone).to_instants(local(row.clock));
        EXPECT_EQ(instants.kind, row.kind) << row.zone << " " << row.clock;
        EXPECT_EQ(instants.first, at(row.first)) << row.zone << " " << row.clock;
        EXPECT_EQ(instants.second, at(row.second)) << row.zone << " " << row.clock;
    }
}

TEST(TimeZone, every_instant_comes_back_from_its_clock_reading) {
    for (const auto& name : ZoneDatabase::of_system().names()) {
        const auto here = zone(name.c_str());
        for (auto t = at("1972-01-01T00:00:00Z"); t < at("2045-01-01T00:00:00Z");
             t += std::chrono::hours{24 * 13 + 5}) {
            const auto instants = here.to_instants(here.to_local(t));
            EXPECT_TRUE(instants.first == t || instants.second == t) << name << " " << to_text_seconds(t);
            EXPECT_NE(instants.kind, Kind::gap) << name << " " << to_text_seconds(t);
        }
    }
}

TEST(TimeZone, remembers_how_far_the_clock_was_after_it_was_set_back) {
    const auto oslo = zone("Europe/Oslo");
    EXPECT_EQ(oslo.furthest_local(at("2026-10-25T00:59:00Z")), local("2026-10-25T02:59:00Z"));
    EXPECT_EQ(oslo.furthest_local(at("2026-10-25T01:10:00Z")), local("2026-10-25T02:59:59.999Z"));
    EXPECT_EQ(oslo.furthest_local(at("2026-10-25T02:00:00Z")), local("2026-10-25T03:00:00Z"));
    EXPECT_EQ(oslo.furthest_local(at("2026-07-25T01:10:00Z")), local("2026-07-25T03:10:00Z"));
}

TEST(TimeZone, suggests_the_nearest_name) {
    struct Row {
        const char* name;
        const char* message;
    };
    const Row rows[] = {
        {"Europe/Olso", "'Europe/Olso' is not a known time zone, did you mean 'Europe/Oslo'?"},
        {"europe/oslo", "'europe/oslo' is not a known time zone, did you mean 'Europe/Oslo'?"},
        {"Oslo", "'Oslo' is not a known time zone, did you mean 'Europe/Oslo'?"},
        {"America/New York", "'America/New York' is not a known time zone, did you mean 'America/New_York'?"},
        {"Nowhere/Else_At_All",
         "'Nowhere/Else_At_All' is not a known time zone (an IANA name looks like 'Europe/Oslo')"},
        {"", "'' is not a known time zone (an IANA name looks like 'Europe/Oslo')"},
    };
    for (const auto& row : rows) {
        const auto found = TimeZone::find(row.name);
        ASSERT_FALSE(found) << row.name;
        EXPECT_EQ(found.error().kind, ErrorKind::invalid);
        EXPECT_EQ(found.error().message, row.message);
    }
}

TEST(TimeZone, refuses_names_that_leave_the_database) {
    for (const char* name :
         {"../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Oslo", "right/Europe/Oslo", "posix/Europe/Oslo",
          "localtime", "zone.tab", "Europe", "Europe/", "Europe//Oslo", "Europe/Oslo\n"}) {
        EXPECT_FALSE(TimeZone::find(name)) << name;
    }
    const std::string with_nul("Europe/Oslo\0x", 13);
    EXPECT_FALSE(TimeZone::find(with_nul));
    const auto far_too_long = TimeZone::find(std::string(100'000, 'A'));
    ASSERT_FALSE(far_too_long);
    EXPECT_LT(far_too_long.error().message.size(), 200u);
}

TEST(TimeZone, says_what_to_install_when_there_is_no_database) {
    ZoneDatabase missing("/nonexistent/zoneinfo");
    const auto found = missing.find("Europe/Oslo");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(found.error().message,
              "no time zone database in /nonexistent/zoneinfo: install the package tzdata, or use UTC");
}

TEST(TimeZone, says_which_file_is_broken) {
    const auto directory = std::filesystem::temp_directory_path() / "punkt_time_zone_test";
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "Broken") << "TZif";
    ZoneDatabase database(directory);
    const auto found = database.find("Broken");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().message, "time zone 'Broken': not a usable time zone file: it does not begin like one");
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace punkt

// The rule for years beyond a zone file's table: "CET-1CEST,M3.5.0,M10.5.0/3". Pure; used by tzif.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace punkt {

class PosixZoneRule {
  public:
    /// Nothing when it cannot be read. Source: POSIX "Environment Variables, TZ", with RFC 8536 §3.3.1's hours
    /// -167…167.
    static std::optional<PosixZoneRule> parse(std::string_view text);

    struct Change {
        std::int64_t at;      // UTC seconds
        std::int32_t offset;  // seconds east of UTC from then on
    };
    /// The changes of summer time that belong to `year`, in order. None for a zone without summer time.
    std::vector<Change> changes_in(int year) const;

  private:
    struct Date {
        enum class Kind { month_week_day, day_without_leap, day_with_leap } kind = Kind::month_week_day;
        int month = 0, week = 0, day = 0;
        std::int32_t time = 2 * 3600;  // seconds of local time before the change
    };
    friend class PosixZoneReader;
    static std::int64_t local_seconds(const Date& date, int year);

    std::int32_t standard_ = 0;
    struct Summer {
        std::int32_t offset = 0;
        Date start, end;
    };
    std::optional<Summer> summer_;
};

}  // namespace punkt

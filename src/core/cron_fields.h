// What a cron expression means, as sets: the search and the English both read this. Internal to core/cron*.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "core/cron.h"

namespace punkt {

constexpr int cron_year_min = 1970;
constexpr int cron_year_max = 2199;

/// The years 1970 to 2199.
class YearSet {
  public:
    void add(int year) { words_[index(year)] |= bit(year); }
    bool contains(int year) const {
        return year >= cron_year_min && year <= cron_year_max && (words_[index(year)] & bit(year));
    }
    /// The first year of the set that is not before `year`.
    std::optional<int> from(int year) const;
    bool empty() const { return !from(cron_year_min); }
    bool full() const;

  private:
    static std::size_t index(int year) { return static_cast<std::size_t>(year - cron_year_min) / 64; }
    static std::uint64_t bit(int year) { return std::uint64_t{1} << (year - cron_year_min) % 64; }
    std::array<std::uint64_t, 4> words_{};
};

struct CronFields {
    std::uint64_t seconds = 0;  // bit n: second n
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days = 0;              // bit n: day n, 1 to 31
    std::uint32_t nearest = 0;           // bit n: nW
    bool last_day = false;               // L
    bool last_workday = false;           // LW
    std::uint32_t months = 0;            // bit n: month n, 1 to 12
    std::uint32_t weekdays = 0;          // bit n: weekday n, 0 (Sunday) to 6
    std::array<std::uint32_t, 5> nth{};  // nth[i], bit n: weekday n as the (i + 1)-th of the month
    std::uint32_t last_weekdays = 0;     // bit n: nL
    YearSet years;

    bool either_day = false;      // day or weekday is enough: classic, and both are restricted
    bool wildcard_hours = false;  // runs follow elapsed time

    /// Bit n: the day n of the month matches. `length` and the weekday of day 1 follow from year and month.
    std::uint32_t days_of(std::chrono::year_month month) const;
};

/// The first matching clock reading that is not before `from`. Nothing when none comes up to 2199.
/// `months_looked_at`, when given, grows by the months examined: the cost, for tests.
std::optional<std::chrono::local_seconds> first_match(const CronFields& fields, std::chrono::local_seconds from,
                                                      int* months_looked_at = nullptr);

/// Errors: as Cron::parse.
Result<CronFields> parse_cron_fields(std::string_view expression, CronOptions options);

/// As Cron::words.
std::string cron_words(const CronFields& fields);

struct Cron::Fields : CronFields {};

}  // namespace punkt

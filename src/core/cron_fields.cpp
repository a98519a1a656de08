#include "core/cron_fields.h"

#include <algorithm>
#include <bit>

namespace punkt {
namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;

constexpr std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }

/// The lowest bit of `set` at or above `from`.
template <class Set>
std::optional<int> lowest_from(Set set, int from) {
    if (from >= static_cast<int>(sizeof(Set) * 8)) return std::nullopt;
    const Set rest = set & (~Set{0} << from);
    if (rest == 0) return std::nullopt;
    return std::countr_zero(rest);
}

unsigned length_of(std::chrono::year_month month) { return static_cast<unsigned>((month / std::chrono::last).day()); }

/// Every day (bits 1 to 31) whose weekday is in `weekdays`, when day 1 is weekday `first`.
std::uint32_t days_with(std::uint32_t weekdays, unsigned first) {
    // Bit 0 of the week now stands for the weekday of day 1.
    const std::uint64_t week = ((weekdays >> first) | (weekdays << (7 - first))) & 0x7f;
    return static_cast<std::uint32_t>((week | week << 7 | week << 14 | week << 21 | week << 28) << 1);
}

/// The Monday to Friday nearest to `day` that lies in the same month.
unsigned nearest_workday(unsigned day, unsigned first_weekday, unsigned length) {
    const unsigned weekday = (first_weekday + day - 1) % 7;
    if (weekday == 6) return day > 1 ? day - 1 : day + 2;
    if (weekday == 0) return day < length ? day + 1 : day - 2;
    return day;
}

/// The first time of day in seconds that is not before `from`.
std::optional<int> first_time(const CronFields& fields, int from) {
    const int hour = from / 3600, minute = from / 60 % 60, second = from % 60;
    const int first_minute = std::countr_zero(fields.minutes), first_second = std::countr_zero(fields.seconds);
    if (fields.hours & bit(static_cast<unsigned>(hour))) {
        if (fields.minutes >> minute & 1) {
            if (const auto s = lowest_from(fields.seconds, second)) return hour * 3600 + minute * 60 + *s;
        }
        if (const auto m = lowest_from(fields.minutes, minute + 1)) return hour * 3600 + *m * 60 + first_second;
    }
    if (const auto h = lowest_from(fields.hours, hour + 1)) return *h * 3600 + first_minute * 60 + first_second;
    return std::nullopt;
}

/// The first matching day that is not before `from`.
std::optional<local_days> first_day(const CronFields& fields, local_days from, int& months_looked_at) {
    const std::chrono::year_month_day date{from};
    int month = static_cast<int>(static_cast<unsigned>(date.month()));
    int day = static_cast<int>(static_cast<unsigned>(date.day()));
    std::optional<int> year = fields.years.from(static_cast<int>(date.year()));
    if (year && *year != static_cast<int>(date.year())) month = day = 1;
    while (year) {
        while (const auto candidate = lowest_from(fields.months, month)) {
            if (*candidate != month) day = 1;
            month = *candidate;
            const auto here = std::chrono::year{*year} / std::chrono::month{static_cast<unsigned>(month)};
            ++months_looked_at;
            if (const auto found = lowest_from(fields.days_of(here), day)) {
                return local_days{here / std::chrono::day{static_cast<unsigned>(*found)}};
            }
            ++month;
            day = 1;
        }
        month = day = 1;
        year = fields.years.from(*year + 1);
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> YearSet::from(int year) const {
    year = std::max(year, cron_year_min);
    while (year <= cron_year_max) {
        const auto rest = words_[index(year)] & (~std::uint64_t{0} << (year - cron_year_min) % 64);
        if (rest != 0) return cron_year_min + static_cast<int>(index(year)) * 64 + std::countr_zero(rest);
        year = cron_year_min + (static_cast<int>(index(year)) + 1) * 64;
    }
    return std::nullopt;
}

bool YearSet::full() const {
    int count = 0;
    for (auto word : words_) count += std::popcount(word);
    return count == cron_year_max - cron_year_min + 1;
}

std::uint32_t CronFields::days_of(std::chrono::year_month month) const {
    const unsigned length = length_of(month);
    const unsigned first = std::chrono::weekday{local_days{month / std::chrono::day{1}}}.c_encoding();
    const std::uint32_t existing = static_cast<std::uint32_t>((std::uint64_t{1} << (length + 1)) - 2);

    std::uint32_t by_day = days;
    if (last_day) by_day |= bit(length);
    if (last_workday) by_day |= bit(nearest_workday(length, first, length));
    for (auto wanted = nearest & existing; wanted != 0; wanted &= wanted - 1) {
        by_day |= bit(nearest_workday(static_cast<unsigned>(std::countr_zero(wanted)), first, length));
    }

    std::uint32_t by_weekday = days_with(weekdays, first);
    for (unsigned i = 0; i < nth.size(); ++i) {
        if (nth[i] != 0) by_weekday |= days_with(nth[i], first) & (0x7fu << (1 + 7 * i));
    }
    if (last_weekdays != 0) by_weekday |= days_with(last_weekdays, first) & (0x7fu << (length - 6));

    return (either_day ? by_day | by_weekday : by_day & by_weekday) & existing;
}

std::optional<local_seconds> first_match(const CronFields& fields, local_seconds from, int* months_looked_at) {
    int ignored = 0;
    int& looked_at = months_looked_at ? *months_looked_at : ignored;
    const auto today = std::chrono::floor<std::chrono::days>(from);
    const auto day = first_day(fields, today, looked_at);
    if (!day) return std::nullopt;
    if (*day != today) return *day + std::chrono::seconds{*first_time(fields, 0)};
    if (const auto time = first_time(fields, static_cast<int>((from - today).count()))) {
        return *day + std::chrono::seconds{*time};
    }
    const auto later = first_day(fields, today + std::chrono::days{1}, looked_at);
    if (!later) return std::nullopt;
    return *later + std::chrono::seconds{*first_time(fields, 0)};
}

}  // namespace punkt

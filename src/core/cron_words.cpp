// A cron expression in English, from what it means rather than how it was written: "0-59/5" and "*/5" read the same.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "core/cron_fields.h"
#include "core/cron_names.h"

namespace punkt {
namespace {

using Numbers = std::vector<int>;  // ascending
using Name = std::function<std::string(int)>;

// Up to this many runs a day are named one by one.
constexpr std::size_t clock_times_max = 4;
// From this many numbers on, an even spacing is named instead of each number.
constexpr std::size_t spaced_numbers_min = 6;

Numbers numbers_in(std::uint64_t set) {
    Numbers numbers;
    for (int n = 0; n < 64; ++n) {
        if (set >> n & 1) numbers.push_back(n);
    }
    return numbers;
}

bool is_run(const Numbers& numbers) { return numbers.back() - numbers.front() + 1 == static_cast<int>(numbers.size()); }

/// The distance of neighbours when it is always the same.
std::optional<int> spacing(const Numbers& numbers) {
    if (numbers.size() < 2) return std::nullopt;
    const int step = numbers[1] - numbers[0];
    for (std::size_t i = 2; i < numbers.size(); ++i) {
        if (numbers[i] - numbers[i - 1] != step) return std::nullopt;
    }
    return step;
}

/// n when the numbers are 0, n, 2n, … and the next would be `size`: evenly spaced across the boundary as well.
std::optional<int> even_step(const Numbers& numbers, int size) {
    const auto step = spacing(numbers);
    if (!step || numbers.front() != 0 || numbers.back() + *step != size) return std::nullopt;
    return step;
}

std::string joined(const std::vector<std::string>& items, std::string_view last = " and ") {
    std::string words;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) words += i + 1 == items.size() ? last : ", ";
        words += items[i];
    }
    return words;
}

std::string ordinal(int n) {
    const int tens = n / 10 % 10;
    if (tens != 1 && n % 10 == 1) return fmt::format("{}st", n);
    if (tens != 1 && n % 10 == 2) return fmt::format("{}nd", n);
    if (tens != 1 && n % 10 == 3) return fmt::format("{}rd", n);
    return fmt::format("{}th", n);
}

/// "1, 5 through 9 and 20": three or more neighbours become a range.
std::vector<std::string> ranges(const Numbers& numbers, const Name& name) {
    std::vector<std::string> items;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
        if (end - i >= 3) {
            items.push_back(name(numbers[i]) + " through " + name(numbers[end - 1]));
        } else {
            for (std::size_t j = i; j < end; ++j) items.push_back(name(numbers[j]));
        }
        i = end;
    }
    return items;
}

/// "minute 5", "minutes 5 and 10", "every 2nd minute from 1 through 59"
std::string listing(const Numbers& numbers, std::string_view unit) {
    const auto plain = [](int n) { return fmt::format("{}", n); };
    const auto step = spacing(numbers);
    if (step && *step > 1 && numbers.size() >= spaced_numbers_min) {
        return fmt::format("every {} {} from {} through {}", ordinal(*step), unit, numbers.front(), numbers.back());
    }
    return fmt::format("{}{} {}", unit, numbers.size() == 1 ? "" : "s", joined(ranges(numbers, plain)));
}

struct Times {
    Numbers seconds, minutes, hours;

    explicit Times(const CronFields& fields)
        : seconds(numbers_in(fields.seconds)), minutes(numbers_in(fields.minutes)), hours(numbers_in(fields.hours)) {}

    bool every_second() const { return seconds.size() == 60; }
    bool every_minute() const { return minutes.size() == 60; }
    bool every_hour() const { return hours.size() == 24; }
    bool on_the_minute() const { return seconds == Numbers{0}; }
    bool few() const { return seconds.size() * minutes.size() * hours.size() <= clock_times_max; }
};

/// "at 09:00 and 17:30:15"
std::string clock_times(const Times& times) {
    std::vector<std::string> items;
    for (int hour : times.hours) {
        for (int minute : times.minutes) {
            for (int second : times.seconds) {
                items.push_back(times.on_the_minute() ? fmt::format("{:02}:{:02}", hour, minute)
                                                      : fmt::format("{:02}:{:02}:{:02}", hour, minute, second));
            }
        }
    }
    return "at " + joined(items);
}

/// What happens within the hours: "every 5 minutes", "at second 30 of minutes 0 and 30"
std::string within_hours(const Times& times) {
    const auto second_step = even_step(times.seconds, 60), minute_step = even_step(times.minutes, 60);
    if (times.on_the_minute()) {
        if (times.every_minute()) return "every minute";
        if (minute_step) return fmt::format("every {} minutes", *minute_step);
        return "at " + listing(times.minutes, "minute");
    }
    const std::string seconds = times.every_second() ? "every second"
                                : second_step        ? fmt::format("every {} seconds", *second_step)
                                                     : "at " + listing(times.seconds, "second");
    if (times.every_minute()) return times.every_second() || second_step ? seconds : seconds + " of every minute";
    if (minute_step) return fmt::format("{} of every {} minute", seconds, ordinal(*minute_step));
    return seconds + " of " + listing(times.minutes, "minute");
}

std::string time_words(const Times& times) {
    if (times.few()) return clock_times(times);
    const auto hour_step = even_step(times.hours, 24);
    const bool at_full_hours = times.on_the_minute() && times.minutes == Numbers{0};
    if (at_full_hours && times.every_hour()) return "every hour";
    if (at_full_hours && hour_step) return fmt::format("every {} hours", *hour_step);
    if (at_full_hours && is_run(times.hours)) {
        return fmt::format("every hour from {:02}:00 through {:02}:00", times.hours.front(), times.hours.back());
    }
    const auto within = within_hours(times);
    if (times.every_hour()) {
        const bool repeats = times.every_minute() || even_step(times.minutes, 60);
        return repeats ? within : within + " of every hour";
    }
    if (hour_step) return fmt::format("{} of every {} hour", within, ordinal(*hour_step));
    if (is_run(times.hours)) {
        return fmt::format("{} from {:02}:00 through {:02}:59", within, times.hours.front(), times.hours.back());
    }
    return within + " of " + listing(times.hours, "hour");
}

/// "day 1 and the last day of the month"; empty: any day
std::string day_words(const CronFields& fields) {
    constexpr std::uint32_t every_day = 0xffff'fffe;
    if (fields.days == every_day) return {};
    std::vector<std::string> items;
    if (fields.days != 0) items.push_back(listing(numbers_in(fields.days), "day"));
    for (int day : numbers_in(fields.nearest)) {
        items.push_back(fmt::format("the working day (Monday to Friday) nearest to day {}", day));
    }
    if (fields.last_workday) items.push_back("the last working day (Monday to Friday)");
    if (fields.last_day) items.push_back("the last day");
    return joined(items) + " of the month";
}

/// "Monday through Friday", "the second Friday and the last Sunday of the month"; empty: any day
std::string weekday_words(const CronFields& fields) {
    if (fields.weekdays == 0x7f) return {};
    constexpr std::array<std::string_view, 5> nth_words = {"first", "second", "third", "fourth", "fifth"};
    // The week is read from Monday on, so that a weekend stays together.
    const auto from_monday = [](std::uint32_t weekdays) { return numbers_in(weekdays >> 1 | (weekdays & 1) << 6); };
    const auto name = [](int after_monday) {
        return std::string(weekday_names[static_cast<std::size_t>(after_monday + 1) % 7]);
    };
    auto items = ranges(from_monday(fields.weekdays), name);
    bool of_the_month = false;
    for (std::size_t i = 0; i < fields.nth.size(); ++i) {
        for (int weekday : from_monday(fields.nth[i])) {
            items.push_back(fmt::format("the {} {}", nth_words[i], name(weekday)));
            of_the_month = true;
        }
    }
    for (int weekday : from_monday(fields.last_weekdays)) {
        items.push_back("the last " + name(weekday));
        of_the_month = true;
    }
    return joined(items) + (of_the_month ? " of the month" : "");
}

/// " on day 13 of the month or on Friday"; empty: every day
std::string date_words(const CronFields& fields) {
    const auto day = day_words(fields), weekday = weekday_words(fields);
    if (day.empty() && weekday.empty()) return {};
    if (fields.either_day) {
        return day.empty() || weekday.empty() ? "" : fmt::format(" on {} or on {}", day, weekday);
    }
    if (day.empty()) return " on " + weekday;
    if (weekday.empty()) return " on " + day;
    return fmt::format(" on {}, only if it is {}", day, weekday);
}

std::string month_words(const CronFields& fields) {
    constexpr std::uint32_t every_month = 0x1ffe;
    if (fields.months == every_month) return {};
    const auto name = [](int month) { return std::string(month_names[static_cast<std::size_t>(month) - 1]); };
    return " in " + joined(ranges(numbers_in(fields.months), name));
}

std::string year_words(const CronFields& fields) {
    if (fields.years.full()) return {};
    Numbers years;
    for (auto year = fields.years.from(cron_year_min); year; year = fields.years.from(*year + 1))
        years.push_back(*year);
    const auto step = spacing(years);
    if (step && *step > 1 && years.size() >= spaced_numbers_min) return " in " + listing(years, "year");
    return ", in " + joined(ranges(years, [](int year) { return fmt::format("{}", year); }));
}

}  // namespace

std::string cron_words(const CronFields& fields) {
    const Times times(fields);
    const auto date = date_words(fields);
    std::string words = time_words(times);
    if (date.empty() && times.few()) words += " every day";
    return words + date + month_words(fields) + year_words(fields);
}

}  // namespace punkt

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "core/cron_field_parse.h"
#include "core/cron_fields.h"
#include "core/cron_names.h"
#include "core/limits.h"

namespace punkt {
namespace {

struct Alias {
    std::string_view word;
    std::string_view meaning;  // second to weekday
};

constexpr Alias aliases[] = {
    {"@yearly", "0 0 0 1 1 *"}, {"@annually", "0 0 0 1 1 *"}, {"@monthly", "0 0 0 1 * *"},
    {"@weekly", "0 0 0 * * 0"}, {"@daily", "0 0 0 * * *"},    {"@midnight", "0 0 0 * * *"},
    {"@hourly", "0 0 * * * *"}, {"@minutely", "0 * * * * *"}, {"@secondly", "* * * * * *"},
};

Error refuse(std::string message) { return Error{.kind = ErrorKind::invalid, .message = std::move(message)}; }

Result<void> check_characters(std::string_view text, bool blanks_free) {
    if (text.size() > limits::cron_bytes) {
        return refuse(fmt::format("the expression is longer than {} bytes", limits::cron_bytes));
    }
    for (char c : text) {
        if ((c >= ' ' && c <= '~') || (blanks_free && c == '\t')) continue;
        return refuse(fmt::format("the expression contains the byte 0x{:02x}", static_cast<unsigned char>(c)));
    }
    return {};
}

Result<std::vector<std::string_view>> split(std::string_view text, bool blanks_free) {
    std::vector<std::string_view> pieces;
    std::size_t start = 0;
    while (start <= text.size()) {
        const auto end = std::min(text.find_first_of(" \t", start), text.size());
        if (end > start) {
            pieces.push_back(text.substr(start, end - start));
        } else if (!blanks_free && !text.empty()) {
            return refuse("fields are separated by one blank, with none in front or behind");
        }
        start = end + 1;
    }
    if (pieces.empty()) return refuse("the expression is empty");
    return pieces;
}

Result<std::string_view> meaning_of_alias(std::string_view word) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const auto& alias : aliases) {
        if (alias.word == lower) return alias.meaning;
    }
    if (lower == "@reboot") {
        return refuse(
            "@reboot names no time: a restart of this service is no event of yours, trigger the task instead");
    }
    return refuse(
        fmt::format("'{}' is not known: expected @yearly, @annually, @monthly, @weekly, @daily, @midnight, "
                    "@hourly, @minutely or @secondly",
                    word));
}

/// The seven fields from second to year, those that were left out filled in.
Result<std::vector<std::string_view>> seven_fields(std::vector<std::string_view> given, CronOptions options) {
    const auto count = given.size();
    const auto wrong_count = [&](std::string_view expected) {
        return refuse(
            fmt::format("the expression has {} field{}, expected {}", count, count == 1 ? "" : "s", expected));
    };
    if (options.seconds_required) {
        if (count != 6 && count != 7) {
            return wrong_count("6 (second minute hour day month weekday) or 7 (year at the end)");
        }
    } else if (options.dialect == CronDialect::classic) {
        if (count < 5 || count > 7) {
            return wrong_count("5 (minute hour day month weekday), 6 (second in front) or 7 (year at the end as well)");
        }
        if (count == 5) given.insert(given.begin(), "0");
    } else {
        if (count > 7) {
            return wrong_count("1 to 6 (minute hour day month weekday year) or 7 (second in front as well)");
        }
        if (count < 7) given.insert(given.begin(), "0");
    }
    given.resize(7, "*");
    return given;
}

/// The seven texts of an expression. They point into `expression` or into constants.
Result<std::vector<std::string_view>> cut(std::string_view expression, CronOptions options) {
    const bool blanks_free = options.dialect == CronDialect::classic;
    if (auto clean = check_characters(expression, blanks_free); !clean) return clean.error();
    auto pieces = split(expression, blanks_free);
    if (!pieces) return pieces.error();
    const auto first = pieces->front();
    if (!first.starts_with('@')) return seven_fields(std::move(*pieces), options);

    if (pieces->size() > 1) return refuse(fmt::format("'{}' stands alone, without fields", first));
    const auto meaning = meaning_of_alias(first);
    if (!meaning) return meaning.error();
    pieces = split(*meaning, true);
    pieces->push_back("*");
    return pieces;
}

unsigned longest(unsigned month) {
    return month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::string months_in_words(std::uint32_t months) {
    std::string words;
    for (; months != 0; months &= months - 1) {
        const bool last = std::has_single_bit(months);
        if (!words.empty()) words += last ? " nor " : ", ";
        words += month_names[static_cast<std::size_t>(std::countr_zero(months)) - 1];
    }
    return words;
}

/// Why no date matches.
std::string impossible_because(const CronFields& fields) {
    const auto days = fields.days | fields.nearest;
    bool some_month_has_it = fields.last_day || fields.last_workday;
    bool only_leap_day = !some_month_has_it;
    for (unsigned month = 1; month <= 12; ++month) {
        if (!(fields.months >> month & 1)) continue;
        for (unsigned day = 1; day <= longest(month); ++day) {
            if (!(days >> day & 1)) continue;
            some_month_has_it = true;
            if (month != 2 || day != 29) only_leap_day = false;
        }
    }
    if (!some_month_has_it) {
        const bool one_day = std::has_single_bit(days), one_month = std::has_single_bit(fields.months);
        return fmt::format("never matches: {}{} has {} {}", one_month ? "" : "neither ", months_in_words(fields.months),
                           one_month ? "no day" : "a day", std::countr_zero(days)) +
               (one_day ? "" : " or later");
    }
    bool any_leap_year = false;
    for (auto year = fields.years.from(cron_year_min); year; year = fields.years.from(*year + 1)) {
        any_leap_year = any_leap_year || std::chrono::year{*year}.is_leap();
    }
    if (only_leap_day && !any_leap_year) return "never matches: February has a day 29 only in leap years";
    return "never matches: no date fits its day, month, weekday and year together";
}

}  // namespace

Result<CronFields> parse_cron_fields(std::string_view expression, CronOptions options) {
    const auto texts = cut(expression, options);
    if (!texts) return texts.error();

    CronFields fields;
    for (std::size_t i = 0; i < texts->size(); ++i) {
        auto read = parse_cron_field(fields, static_cast<CronField>(i), (*texts)[i], options);
        if (!read) return read.error();
    }
    const auto starred = [&](CronField field) { return is_starred((*texts)[static_cast<std::size_t>(field)]); };
    fields.either_day =
        options.dialect == CronDialect::classic && !starred(CronField::day) && !starred(CronField::weekday);
    fields.wildcard_hours = starred(CronField::hour) || fields.hours == (1u << 24) - 1;

    if (!first_match(fields, std::chrono::local_days{std::chrono::year{cron_year_min} / 1 / 1})) {
        return refuse(impossible_because(fields));
    }
    return fields;
}

}  // namespace punkt

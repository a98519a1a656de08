#include "core/cron_field_parse.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/cron_names.h"

namespace punkt {
namespace {

constexpr int step_max = 9999;

struct Spec {
    std::string_view name;
    int least, most;
    std::span<const std::string_view> names = {};  // three letters each
    int first_named = 0;
};

const Spec& spec_of(CronField field) {
    static const Spec specs[] = {
        {"second", 0, 59},
        {"minute", 0, 59},
        {"hour", 0, 23},
        {"day", 1, 31},
        {"month", 1, 12, month_short_names, 1},
        {"weekday", 0, 7, weekday_short_names, 0},
        {"year", cron_year_min, cron_year_max},
    };
    return specs[static_cast<std::size_t>(field)];
}

template <class... Args>
Error refuse(fmt::format_string<Args...> form, Args&&... args) {
    return Error{.kind = ErrorKind::invalid, .message = fmt::format(form, std::forward<Args>(args)...)};
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_word(std::string_view text, std::string_view upper_case_word) {
    return std::equal(text.begin(), text.end(), upper_case_word.begin(), upper_case_word.end(),
                      [](char a, char b) { return upper(a) == b; });
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The value of digits; more than four of them read as 10,000, which no field allows.
int number(std::string_view digits) {
    int value = 0;
    for (char c : digits) value = std::min(value * 10 + (c - '0'), 10'000);
    return value;
}

/// Reads the items of one field. An item is tried as a special of its field first, then as values with a step.
class FieldReader {
  public:
    FieldReader(CronFields& fields, CronField field, CronOptions options)
        : fields_(fields), field_(field), spec_(spec_of(field)), options_(options) {}

    Result<void> item(std::string_view text) {
        if (text.empty()) return refuse("{} has an empty item", spec_.name);
        if (field_ == CronField::day) {
            if (const auto done = special_day(text)) return *done;
        }
        if (field_ == CronField::weekday) {
            if (const auto done = special_weekday(text)) return *done;
        }
        const auto slash = text.find('/');
        if (slash == std::string_view::npos) return values(text, std::nullopt, text);
        const auto step_text = text.substr(slash + 1);
        if (!is_number(step_text)) return refuse("{} '{}' has no number after the '/'", spec_.name, text);
        const int step = number(step_text);
        if (step < 1 || step > step_max) {
            return refuse("{} '{}': step {} is not between 1 and {}", spec_.name, text, step_text, step_max);
        }
        return values(text.substr(0, slash), step, text);
    }

  private:
    /// `*`, `a` or `a-b`, with the step behind it. `item` is for messages.
    Result<void> values(std::string_view base, std::optional<int> step, std::string_view item) {
        if (base == "*" || base == "?") return every(step.value_or(1), item);
        const auto dash = base.find('-');
        const auto first = value(base.substr(0, dash), item);
        if (!first) return first.error();
        if (dash == std::string_view::npos) {
            if (!step) {
                add(*first);
                return {};
            }
            if (options_.dialect == CronDialect::and_ && !options_.seconds_required) {
                return refuse("{} '{}': a step needs a range here, such as '{}-{}/{}'", spec_.name, item, base,
                              spec_.most, *step);
            }
            return range(*first, field_ == CronField::weekday && *first < 7 ? 6 : spec_.most, *step, item);
        }
        const auto last = value(base.substr(dash + 1), item);
        if (!last) return last.error();
        return range(*first, *last, step.value_or(1), item);
    }

    Result<int> value(std::string_view text, std::string_view item) const {
        if (is_number(text)) {
            const int read = number(text);
            if (read >= spec_.least && read <= spec_.most) return read;
            return refuse("{} {} is not between {} and {}", spec_.name, text, spec_.least, spec_.most);
        }
        for (std::size_t i = 0; i < spec_.names.size(); ++i) {
            if (same_word(text, spec_.names[i])) return spec_.first_named + static_cast<int>(i);
        }
        if (field_ == CronField::month && options_.dialect == CronDialect::and_ && same_word(text, "L")) return 12;
        const std::string allowed =
            spec_.names.empty() ? std::string() : fmt::format(", {} to {}", spec_.names.front(), spec_.names.back());
        return refuse("{} '{}' is not understood: expected {} to {}{}, or a list, range or step of these", spec_.name,
                      item, spec_.least, spec_.most, allowed);
    }

    Result<void> every(int step, std::string_view item) {
        const bool divisible = options_.dialect == CronDialect::and_;
        // In the reading by divisibility Sunday is 7, as if the week began on Monday.
        const int least = divisible && field_ == CronField::weekday ? 1 : spec_.least;
        const int most = !divisible && field_ == CronField::weekday ? 6 : spec_.most;
        bool any = false;
        for (int n = least; n <= most; ++n) {
            if ((divisible ? n : n - least) % step != 0) continue;
            add(n);
            any = true;
        }
        if (!any)
            return refuse("{} '{}' matches nothing: no {} is divisible by {}", spec_.name, item, spec_.name, step);
        return {};
    }

    /// From `first` to `last`, past the field's end and on from its start if `last` is the smaller one.
    Result<void> range(int first, int last, int step, std::string_view item) {
        const int size = field_ == CronField::weekday ? 7 : spec_.most - spec_.least + 1;
        if (field_ == CronField::weekday && first == 7 && last != 7) first = 0;
        if (first > last) {
            if (field_ == CronField::year) return refuse("year '{}' runs backwards", item);
            last += size;
        }
        const int end_of_field = spec_.least + size;
        for (int n = first; n <= last; n += step) add(n >= end_of_field ? n - size : n);
        return {};
    }

    void add(int n) {
        const auto bit = std::uint32_t{1} << (n % 32);
        switch (field_) {
            case CronField::second:
                fields_.seconds |= std::uint64_t{1} << n;
                break;
            case CronField::minute:
                fields_.minutes |= std::uint64_t{1} << n;
                break;
            case CronField::hour:
                fields_.hours |= bit;
                break;
            case CronField::day:
                fields_.days |= bit;
                break;
            case CronField::month:
                fields_.months |= bit;
                break;
            case CronField::weekday:
                fields_.weekdays |= std::uint32_t{1} << (n % 7);
                break;
            case CronField::year:
                fields_.years.add(n);
                break;
        }
    }

    /// `L`, `LW`, `nW`. Nothing when `text` is something else.
    std::optional<Result<void>> special_day(std::string_view text) {
        if (same_word(text, "L")) {
            fields_.last_day = true;
            return Result<void>();
        }
        if (same_word(text, "LW")) {
            fields_.last_workday = true;
            return Result<void>();
        }
        if (upper(text.back()) != 'W' || !is_number(text.substr(0, text.size() - 1))) return std::nullopt;
        const auto day = value(text.substr(0, text.size() - 1), text);
        if (!day) return day.error();
        fields_.nearest |= std::uint32_t{1} << *day;
        return Result<void>();
    }

    /// `k#n`, `kL`. Nothing when `text` is something else.
    std::optional<Result<void>> special_weekday(std::string_view text) {
        if (same_word(text, "L")) return refuse("weekday 'L' needs a day: 5L is the last Friday of the month");
        const auto hash = text.find('#');
        if (hash == std::string_view::npos && upper(text.back()) != 'L') return std::nullopt;
        const auto weekday = value(text.substr(0, hash == std::string_view::npos ? text.size() - 1 : hash), text);
        if (!weekday) return weekday.error();
        const auto bit = std::uint32_t{1} << (*weekday % 7);
        if (hash == std::string_view::npos) {
            fields_.last_weekdays |= bit;
            return Result<void>();
        }
        const auto nth_text = text.substr(hash + 1);
        const int nth = is_number(nth_text) ? number(nth_text) : 0;
        if (nth < 1 || nth > 5) return refuse("weekday '{}': the number after '#' is not between 1 and 5", text);
        fields_.nth[static_cast<std::size_t>(nth) - 1] |= bit;
        return Result<void>();
    }

    CronFields& fields_;
    CronField field_;
    const Spec& spec_;
    CronOptions options_;
};

}  // namespace

Result<void> parse_cron_field(CronFields& fields, CronField field, std::string_view text, CronOptions options) {
    FieldReader reader(fields, field, options);
    std::size_t start = 0;
    while (true) {
        const auto comma = text.find(',', start);
        auto done = reader.item(text.substr(start, comma - start));
        if (!done) return done.error();
        if (comma == std::string_view::npos) return {};
        start = comma + 1;
    }
}

}  // namespace punkt

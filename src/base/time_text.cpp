#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace punkt {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Milliseconds longest_duration = days{100 * 365};
constexpr int year_min = 1970;
constexpr int year_max = 9999;
constexpr std::array<std::string_view, 7> weekday_words = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_words = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a text from the front. A step that does not fit says so and takes nothing.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    bool literal(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    std::optional<char> one_of(std::string_view choices) {
        if (rest_.empty() || choices.find(rest_.front()) == choices.npos) return std::nullopt;
        const char taken = rest_.front();
        rest_.remove_prefix(1);
        return taken;
    }

    /// Exactly `count` digits.
    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count || !std::all_of(rest_.begin(), rest_.begin() + count, is_digit)) return std::nullopt;
        int value = 0;
        for (char c : rest_.substr(0, count)) value = value * 10 + (c - '0');
        rest_.remove_prefix(count);
        return value;
    }

    /// All digits that follow, at least one.
    std::optional<std::string_view> number() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
        const auto length = static_cast<std::size_t>(end - rest_.begin());
        if (length == 0) return std::nullopt;
        const auto taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }

    /// The index of the word of `words` that stands in front.
    template <std::size_t N>
    std::optional<unsigned> word(const std::array<std::string_view, N>& words) {
        for (unsigned i = 0; i < N; ++i) {
            if (literal(words[i])) return i;
        }
        return std::nullopt;
    }

  private:
    std::string_view rest_;
};

/// The value of decimal digits, at most `ceiling`: longer numbers read as `ceiling`.
std::int64_t saturating_value(std::string_view digits, std::int64_t ceiling) {
    std::int64_t value = 0;
    for (char c : digits) {
        value = value * 10 + (c - '0');
        if (value >= ceiling) return ceiling;
    }
    return value;
}

std::optional<sys_days> calendar_day(int year, int month, int day) {
    const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (year < year_min || year > year_max || !date.ok()) return std::nullopt;
    return sys_days{date};
}

std::optional<std::chrono::sys_seconds> read_date_and_time(Reader& reader) {
    const auto year = reader.digits(4);
    if (!year || !reader.literal("-")) return std::nullopt;
    const auto month = reader.digits(2);
    if (!month || !reader.literal("-")) return std::nullopt;
    const auto day = reader.digits(2);
    if (!day || !reader.one_of("Tt ")) return std::nullopt;
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.literal(":")) return std::nullopt;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59 || !reader.literal(":")) return std::nullopt;
    const auto second = reader.digits(2);
    if (!second || *second > 60) return std::nullopt;
    const auto date = calendar_day(*year, *month, *day);
    if (!date) return std::nullopt;
    return *date + hours{*hour} + minutes{*minute} + seconds{*second};
}

/// What must be subtracted from the local time.
std::optional<minutes> read_offset(Reader& reader) {
    if (reader.one_of("Zz")) return minutes{0};
    const auto sign = reader.one_of("+-");
    if (!sign) return std::nullopt;
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.literal(":")) return std::nullopt;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    const auto offset = hours{*hour} + minutes{*minute};
    return *sign == '-' ? -offset : offset;
}

std::optional<Timestamp> parse_imf_fixdate(std::string_view text) {
    Reader reader(text);
    // The weekday is not compared with the date: a server that gets it wrong still means the date.
    if (!reader.word(weekday_words) || !reader.literal(", ")) return std::nullopt;
    const auto day = reader.digits(2);
    if (!day || !reader.literal(" ")) return std::nullopt;
    const auto month = reader.word(month_words);
    if (!month || !reader.literal(" ")) return std::nullopt;
    const auto year = reader.digits(4);
    if (!year || !reader.literal(" ")) return std::nullopt;
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.literal(":")) return std::nullopt;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59 || !reader.literal(":")) return std::nullopt;
    const auto second = reader.digits(2);
    if (!second || *second > 60 || !reader.literal(" GMT") || !reader.at_end()) return std::nullopt;
    const auto date = calendar_day(*year, static_cast<int>(*month) + 1, *day);
    if (!date) return std::nullopt;
    return *date + hours{*hour} + minutes{*minute} + seconds{*second};
}

struct Civil {
    int year;
    unsigned month, day;
    std::chrono::hh_mm_ss<Milliseconds> time;
};

Civil civil(Timestamp at) {
    const auto day = std::chrono::floor<days>(at);
    const year_month_day date{day};
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
            std::chrono::hh_mm_ss{at - day}};
}

}  // namespace

std::string to_text_seconds(Timestamp at) {
    const auto c = civil(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.time.hours().count(),
                       c.time.minutes().count(), c.time.seconds().count());
}

std::string to_text_ms(Timestamp at) {
    const auto c = civil(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.time.hours().count(),
                       c.time.minutes().count(), c.time.seconds().count(), c.time.subseconds().count());
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    Reader reader(text);
    const auto local = read_date_and_time(reader);
    if (!local) return std::nullopt;
    Milliseconds fraction{0};
    if (reader.literal(".")) {
        const auto digits = reader.number();
        if (!digits) return std::nullopt;
        std::string first_three(digits->substr(0, 3));
        first_three.resize(3, '0');
        fraction = Milliseconds{saturating_value(first_three, 999)};
    }
    const auto offset = read_offset(reader);
    if (!offset || !reader.at_end()) return std::nullopt;

    const std::chrono::sys_seconds instant = *local - *offset;
    const auto stated_second = text.substr(17, 2);
    // A leap second is the last of a UTC day (RFC 3339 §5.7); counted on, it is the first second of the next.
    if (stated_second == "60" && instant != std::chrono::floor<days>(instant)) return std::nullopt;
    constexpr auto end = sys_days{std::chrono::year{year_max + 1} / 1 / 1};
    if (instant < std::chrono::sys_seconds{} || instant >= end) return std::nullopt;
    return instant + fraction;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
    Reader reader(text);
    const auto number = reader.number();
    if (!number) return std::nullopt;
    const auto unit = reader.one_of("smhd");
    if (!unit || !reader.at_end()) return std::nullopt;
    const Milliseconds one = *unit == 's' ? seconds{1} : *unit == 'm' ? minutes{1} : *unit == 'h' ? hours{1} : days{1};
    const auto most = longest_duration / one;
    const auto count = saturating_value(*number, most + 1);
    if (count == 0 || count > most) return std::nullopt;
    return count * one;
}

std::optional<Milliseconds> parse_retry_after(std::string_view text, Timestamp now) {
    Reader reader(text);
    if (const auto number = reader.number(); number && reader.at_end()) {
        const auto count = saturating_value(*number, longest_duration / seconds{1});
        if (count == 0) return std::nullopt;
        return seconds{count};
    }
    const auto instant = parse_imf_fixdate(text);
    if (!instant || *instant <= now) return std::nullopt;
    return *instant - now;
}

}  // namespace punkt

#include "core/posix_zone_rule.h"

#include <algorithm>
#include <chrono>

namespace punkt {

/// Takes the rule from the front, part by part. A part that does not fit gives nothing; the rule is then refused.
class PosixZoneReader {
  public:
    explicit PosixZoneReader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool at_comma() const { return rest_.starts_with(','); }

    bool literal(char expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// "CET" or "<+1030>": its text is of no use here.
    bool name() {
        std::size_t length = 0;
        if (literal('<')) {
            length = rest_.find('>');
            if (length == std::string_view::npos) return false;
            rest_.remove_prefix(length + 1);
        } else {
            while (length < rest_.size() && is_letter(rest_[length])) ++length;
            rest_.remove_prefix(length);
        }
        return length >= 3;
    }

    std::optional<int> number(int least, int most) {
        std::size_t length = 0;
        int value = 0;
        while (length < rest_.size() && length < 4 && rest_[length] >= '0' && rest_[length] <= '9') {
            value = value * 10 + (rest_[length++] - '0');
        }
        if (length == 0 || value < least || value > most) return std::nullopt;
        rest_.remove_prefix(length);
        return value;
    }

    /// "[+-]hh[:mm[:ss]]" in seconds
    std::optional<std::int32_t> time(int hours_most) {
        const bool negative = literal('-');
        if (!negative) literal('+');
        const auto hour = number(0, hours_most);
        if (!hour) return std::nullopt;
        std::int32_t seconds = *hour * 3600;
        for (int unit : {60, 1}) {
            if (!literal(':')) break;
            const auto part = number(0, 59);
            if (!part) return std::nullopt;
            seconds += *part * unit;
        }
        return negative ? -seconds : seconds;
    }

    std::optional<PosixZoneRule::Date> date() {
        using Kind = PosixZoneRule::Date::Kind;
        PosixZoneRule::Date date;
        std::optional<int> first, second, third;
        if (literal('M')) {
            if (!(first = number(1, 12)) || !literal('.') || !(second = number(1, 5)) || !literal('.') ||
                !(third = number(0, 6))) {
                return std::nullopt;
            }
            date = {.kind = Kind::month_week_day, .month = *first, .week = *second, .day = *third};
        } else if (literal('J')) {
            if (!(first = number(1, 365))) return std::nullopt;
            date = {.kind = Kind::day_without_leap, .day = *first};
        } else {
            if (!(first = number(0, 365))) return std::nullopt;
            date = {.kind = Kind::day_with_leap, .day = *first};
        }
        if (literal('/')) {
            const auto at = time(167);
            if (!at) return std::nullopt;
            date.time = *at;
        }
        return date;
    }

  private:
    static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
    std::string_view rest_;
};

std::optional<PosixZoneRule> PosixZoneRule::parse(std::string_view text) {
    PosixZoneReader in(text);
    PosixZoneRule rule;
    // POSIX counts west of Greenwich as positive.
    if (!in.name()) return std::nullopt;
    const auto west = in.time(24);
    if (!west) return std::nullopt;
    rule.standard_ = -*west;
    if (in.at_end()) return rule;

    if (!in.name()) return std::nullopt;
    Summer summer;
    summer.offset = rule.standard_ + 3600;
    if (!in.at_comma()) {
        const auto summer_west = in.time(24);
        if (!summer_west) return std::nullopt;
        summer.offset = -*summer_west;
    }
    if (!in.literal(',')) return std::nullopt;
    const auto start = in.date();
    if (!start || !in.literal(',')) return std::nullopt;
    const auto end = in.date();
    if (!end || !in.at_end()) return std::nullopt;
    summer.start = *start;
    summer.end = *end;
    rule.summer_ = summer;
    return rule;
}

std::int64_t PosixZoneRule::local_seconds(const Date& date, int year) {
    using std::chrono::local_days;
    const auto y = std::chrono::year{year};
    local_days day = local_days{y / 1 / 1};
    switch (date.kind) {
        case Date::Kind::month_week_day: {
            const auto month = std::chrono::month{static_cast<unsigned>(date.month)};
            const auto weekday = std::chrono::weekday{static_cast<unsigned>(date.day)};
            day = date.week == 5 ? local_days{y / month / weekday[std::chrono::last]}
                                 : local_days{y / month / weekday[static_cast<unsigned>(date.week)]};
            break;
        }
        case Date::Kind::day_without_leap:
            day += std::chrono::days{date.day - 1 + (y.is_leap() && date.day >= 60 ? 1 : 0)};
            break;
        case Date::Kind::day_with_leap:
            day += std::chrono::days{date.day};
            break;
    }
    return std::chrono::seconds{day.time_since_epoch()}.count() + date.time;
}

std::vector<PosixZoneRule::Change> PosixZoneRule::changes_in(int year) const {
    if (!summer_) return {};
    // Each date is read on the clock that is valid until then.
    const Change start{local_seconds(summer_->start, year) - standard_, summer_->offset};
    const Change end{local_seconds(summer_->end, year) - summer_->offset, standard_};
    if (start.at < end.at) return {start, end};
    return {end, start};
}

}  // namespace punkt

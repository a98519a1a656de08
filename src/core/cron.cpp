#include "core/cron.h"

#include <algorithm>

#include "core/cron_fields.h"
#include "core/time_zone.h"

namespace punkt {
namespace {

using std::chrono::local_seconds;
using std::chrono::seconds;
using Local = TimeZone::Local;

/// The first matching reading later than `after`.
std::optional<Local> first_match_after(const CronFields& fields, Local after) {
    const auto match = first_match(fields, std::chrono::floor<seconds>(after) + seconds{1});
    if (!match) return std::nullopt;
    return Local{*match};
}

/// A run happens when the clock first shows its reading, or would have. So the first reading beyond the furthest one
/// shown so far is next; to_instants() gives the end of the gap, or the first of two.
std::optional<Timestamp> next_of_fixed_hours(const CronFields& fields, Timestamp after, const TimeZone& zone) {
    const auto reading = first_match_after(fields, zone.furthest_local(after));
    if (!reading) return std::nullopt;
    return zone.to_instants(*reading).first;
}

/// Every instant whose reading matches, from one jump of the clock to the next.
std::optional<Timestamp> next_of_wildcard_hours(const CronFields& fields, Timestamp after, const TimeZone& zone) {
    auto span = zone.span_at(after);
    auto passed = span.to_local(after);
    while (const auto reading = first_match_after(fields, passed)) {
        const auto at = span.to_instant(*reading);
        if (at < span.end) return at;
        // Jumps close by are taken one by one: they may bring back readings that have passed. Further off every reading
        // is new, so nothing happens before the clock can show the one that was found.
        auto resume = span.end;
        if (span.end > after + 2 * TimeZone::offset_max) {
            resume = std::max(resume, Timestamp{reading->time_since_epoch()} - TimeZone::offset_max);
        }
        span = zone.span_at(resume);
        passed = span.to_local(resume) - Milliseconds{1};
    }
    return std::nullopt;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view expression, CronOptions options) {
    auto fields = parse_cron_fields(expression, options);
    if (!fields) return fields.error();
    return Cron(std::make_shared<const Fields>(Fields{*fields}));
}

std::optional<Timestamp> Cron::next(Timestamp after, const TimeZone& zone) const {
    // Outside the years an expression can name there is nothing to compute with.
    constexpr Timestamp earliest = std::chrono::sys_days{std::chrono::year{cron_year_min - 1} / 1 / 1};
    constexpr Timestamp latest = std::chrono::sys_days{std::chrono::year{cron_year_max + 1} / 1 / 3};
    if (after >= latest) return std::nullopt;
    after = std::max(after, earliest);
    return fields_->wildcard_hours ? next_of_wildcard_hours(*fields_, after, zone)
                                   : next_of_fixed_hours(*fields_, after, zone);
}

std::string Cron::words() const { return cron_words(*fields_); }
bool Cron::has_seconds() const { return fields_->seconds != 1; }
bool Cron::has_wildcard_hours() const { return fields_->wildcard_hours; }

Cron::Cron(std::shared_ptr<const Fields> fields) : fields_(std::move(fields)) {}
Cron::Cron(const Cron&) = default;
Cron& Cron::operator=(const Cron&) = default;
Cron::~Cron() = default;

}  // namespace punkt

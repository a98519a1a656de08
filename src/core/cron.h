// Cron expressions: contract "Cron dialect", execution.md §3, tiktak.md §5. Pure; microseconds per search.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/task.h"

namespace punkt {

class TimeZone;  // core/time_zone.h

/// Which fields an expression has:
///   classic             5: minute hour day month weekday; 6: second in front; 7: year at the end as well.
///                       Blanks around fields do not count.
///   and                 1 to 5 from minute, missing ones are `*`; 6: year at the end (Runlater's reading); 7: second
///   in
///                       front as well. One blank between fields, none around them.
///   seconds_required    6: second to weekday; 7: year at the end.
struct CronOptions {
    CronDialect dialect = CronDialect::classic;
    /// TikTak: 6 or 7 fields read from seconds. Fewer are refused, naming the count.
    bool seconds_required = false;
};

/// A parsed expression. Cheap to copy. Threads: any.
///
/// Values: second and minute 0-59, hour 0-23, day 1-31, month 1-12 or JAN-DEC, weekday 0-7 (0 and 7 are Sunday) or
/// SUN-SAT, year 1970-2199; case does not matter. Items, separated by commas: `*` and `?` (all), `a`, `a-b` (wraps
/// around when a > b), `*/n`, `a-b/n` (counts from a), `a/n` (from a to the field's end; not in Runlater's reading).
/// Day: `L` (last of the month), `LW` (its last Monday to Friday), `nW` (the Monday to Friday nearest to day n in the
/// same month; no run in months without day n). Weekday: `k#n` (the n-th of the month), `kL` (the last). Aliases:
/// @yearly @annually
/// @monthly @weekly @daily @midnight @hourly @minutely @secondly.
///
/// The dialects differ in three things:
///                      classic                                     and
///   day and weekday    either may match, unless one starts with    both must match
///                      `*` or `?` (as Vixie's cron)
///   `*/n`              counts from the field's first value         values divisible by n; Sunday counts as 7
///   month `L`          -                                           December
class Cron {
  public:
    /// Errors: `invalid` with the reason ("minute 61 is not between 0 and 59"), also for expressions that never match
    /// ("0 0 30 2 *": "never matches: February has no day 30").
    static Result<Cron> parse(std::string_view expression, CronOptions options = {});

    /// The first instant strictly after `after`, in `zone`. Nothing when none comes (a year that passed).
    ///   fixed hours     A run belongs to a clock reading and happens when the clock first shows it, or would have:
    ///   runs
    ///                   that fall into a gap happen once, at the first instant after it; in a fold only the first
    ///                   of the two readings counts.
    ///   wildcard hours  (the hour starts with `*` or `?`, or all 24 are named) Runs follow elapsed time: every instant
    ///                   whose clock reading matches, so twice in a fold, and nothing is made up for in a gap.
    std::optional<Timestamp> next(Timestamp after, const TimeZone& zone) const;

    /// The expression in English: "every 5 minutes", "at 09:30 on Monday through Friday".
    std::string words() const;
    /// Whether runs may fall on other seconds than :00.
    bool has_seconds() const;
    /// Whether runs follow elapsed time where the clock jumps: see next().
    bool has_wildcard_hours() const;

    Cron(const Cron&);
    Cron& operator=(const Cron&);
    ~Cron();

  private:
    struct Fields;
    explicit Cron(std::shared_ptr<const Fields> fields);
    std::shared_ptr<const Fields> fields_;
};

}  // namespace punkt

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

struct CronOptions {
    CronDialect dialect = CronDialect::classic;
    /// TikTak: 6 or 7 fields read from seconds. Fewer are refused, naming the count.
    bool seconds_required = false;
};

/// A parsed expression. Cheap to copy. Threads: any.
class Cron {
  public:
    /// Errors: `invalid` with the reason ("minute 61 is not between 0 and 59"), also for expressions that never match
    /// ("0 0 30 2 *": "never matches: February has no day 30").
    static Result<Cron> parse(std::string_view expression, CronOptions options = {});

    /// The first instant strictly after `after`, in `zone`. Nothing when none comes (a year that passed).
    /// Gap: runs that fall into it happen once, at the first instant after it. Fold: fixed hours once, at the first;
    /// wildcard hours (and steps over them) follow elapsed time.
    std::optional<Timestamp> next(Timestamp after, const TimeZone& zone) const;

    /// The expression in English: "every 5 minutes", "at 09:30 on Monday through Friday".
    std::string words() const;
    bool has_seconds() const;

    Cron(const Cron&);
    Cron& operator=(const Cron&);
    ~Cron();

  private:
    struct Fields;
    explicit Cron(std::shared_ptr<const Fields> fields);
    std::shared_ptr<const Fields> fields_;
};

}  // namespace punkt

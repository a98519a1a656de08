// When a cron task runs: its next instant, and what to do with instants that passed. Pure.
#pragma once

#include <optional>
#include <vector>

#include "core/cron.h"
#include "core/task.h"
#include "core/time_zone.h"

namespace punkt {

/// A task's expression and zone, parsed. Threads: any.
class Schedule {
  public:
    /// Errors: those of Cron::parse and TimeZone::find, with field "cron_expression" or "timezone".
    static Result<Schedule> create(const Task& task);
    std::optional<Timestamp> next(Timestamp after) const;
    /// The shortest distance of the next ten instants: drives the grace and plan limits. A day when fewer than two
    /// come.
    Milliseconds interval(Timestamp from) const;

    /// How late the newest missed instant may still run: interval/2, at least 30 s, at most 1 h (execution.md §2.1,
    /// "interval_minutes × 30 s").
    Milliseconds grace(Timestamp from) const;

    const Cron& cron() const { return cron_; }
    const TimeZone& zone() const { return zone_; }

  private:
    Schedule(const Cron& cron, TimeZone zone) : cron_(cron), zone_(zone) {}
    Cron cron_;
    TimeZone zone_;
};

/// What a beat that comes due does.
struct CatchUpPlan {
    std::vector<Timestamp> run;                             // oldest first
    std::vector<std::pair<Timestamp, const char*>> missed;  // instant and reason
    std::optional<Timestamp> next;  // where the beat stands afterwards; nothing: no further instant
};

/// Every instant from `due` (the beat's) through `now` ends in `run` or `missed`. At most `instants_max` are dealt
/// with; then `next` is not after `now` and the beat comes due again at once.
///   skip        an instant later than 30 s is missed
///   run_latest  all but the newest are missed; the newest runs if it is not later than the grace
///   run_all     the newest `limits::catch_up_runs_max` run, older ones are missed
/// `due` counts as an instant whether the expression names it or not. `due` after `now`: nothing happens, `next` is
/// `due`.
CatchUpPlan plan_catch_up(const Schedule& schedule, CatchUp policy, Timestamp due, Timestamp now,
                          int instants_max = 1000);

}  // namespace punkt

// What organizations have used: a narrow row for each day, written in the commit of the outcomes that it counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "core/execution.h"
#include "db/connection.h"

namespace punkt::store {

using Day = std::int64_t;  // since 1970, UTC
constexpr Day day_of(Timestamp at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }
/// The first day of the calendar month (UTC) that `at` lies in, and of the one after it.
Timestamp month_start(Timestamp at);
Timestamp next_month_start(Timestamp at);

struct UsageCount {
    Id organization = 0;
    Day day = 0;
    std::int64_t executions = 0;  // first attempts that ended: success, failed or timeout (execution.md §10)
    std::int64_t failed = 0;      // of these
    std::int64_t attempts = 0;    // with retries
};

/// The counts of a batch of outcomes, one for each organization and day. Threads: one.
class UsageTally {
  public:
    void count(const Execution& execution);
    const std::vector<UsageCount>& counts() const { return counts_; }
    void clear() { counts_.clear(); }

  private:
    std::vector<UsageCount> counts_;  // few: searched from the end
};

/// Adds to the stored counts, inside the caller's transaction.
Result<void> add_usage(db::Connection& connection, const UsageCount& count);

/// Days with `from` <= day < `until` that have any, in order. `organization` 0: of all, with their ids.
Result<std::vector<UsageCount>> list_usage(db::Connection& connection, Id organization, Day from, Day until);

/// Runs that wait, are due before `until` and will count: first attempts of what users asked for.
Result<std::int64_t> count_open_runs(db::Connection& connection, Id organization, Timestamp until);

/// Executions that ended since `from`, by task or by queue, the largest first. Bounded work: only the newest
/// `usage_examined_max` are looked at.
struct UsageShare {
    Id task = 0;        // by task
    std::string queue;  // by queue; empty: without one
    std::string name;   // of the task
    std::int64_t executions = 0;
    std::int64_t failed = 0;
};
struct UsageShares {
    std::vector<UsageShare> shares;
    bool is_complete = true;
};
constexpr int usage_examined_max = 100'000;
enum class ShareOf { task, queue };
Result<UsageShares> list_usage_shares(db::Connection& connection, Id organization, Timestamp from, ShareOf by,
                                      int limit);

}  // namespace punkt::store

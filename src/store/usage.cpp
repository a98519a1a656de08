#include "store/usage.h"

#include <algorithm>

#include "store/engine_store.h"

namespace punkt::store {
namespace {

using std::chrono::year_month;

year_month month_of(Timestamp at) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    return day.year() / day.month();
}

Timestamp first_of(year_month month) { return std::chrono::sys_days(month / 1); }

bool has_ended_by_itself(Status status) {
    return status == Status::success || status == Status::failed || status == Status::timeout;
}

UsageCount read_count(const db::Row& row) {
    return {.organization = row.integer(0),
            .day = row.integer(1),
            .executions = row.integer(2),
            .failed = row.integer(3),
            .attempts = row.integer(4)};
}

}  // namespace

Timestamp month_start(Timestamp at) { return first_of(month_of(at)); }
Timestamp next_month_start(Timestamp at) { return first_of(month_of(at) + std::chrono::months{1}); }

void UsageTally::count(const Execution& execution) {
    if (!has_ended_by_itself(execution.status)) return;
    const Day day = day_of(execution.finished_at.value_or(execution.scheduled_for));
    auto found = std::find_if(counts_.rbegin(), counts_.rend(), [&](const UsageCount& count) {
        return count.organization == execution.organization && count.day == day;
    });
    UsageCount& count = found != counts_.rend()
                            ? *found
                            : counts_.emplace_back(UsageCount{.organization = execution.organization, .day = day});
    ++count.attempts;
    if (execution.attempt != 1) return;
    ++count.executions;
    if (execution.status != Status::success) ++count.failed;
}

Result<void> add_usage(db::Connection& connection, const UsageCount& count) {
    auto done = connection.execute(
        "INSERT INTO usage_day (organization, day, executions, failed, attempts) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (organization, day) DO UPDATE SET executions = executions + excluded.executions, "
        "failed = failed + excluded.failed, attempts = attempts + excluded.attempts",
        {count.organization, count.day, count.executions, count.failed, count.attempts});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<std::vector<UsageCount>> list_usage(db::Connection& connection, Id organization, Day from, Day until) {
    std::vector<UsageCount> counts;
    const auto add = [&](const db::Row& row) { counts.push_back(read_count(row)); };
    auto done = organization != 0 ? connection.query(
                                        "SELECT organization, day, executions, failed, attempts FROM usage_day WHERE "
                                        "organization = $1 AND day >= $2 AND day < $3 ORDER BY day",
                                        {organization, from, until}, add)
                                  : connection.query(
                                        "SELECT organization, day, executions, failed, attempts FROM usage_day WHERE "
                                        "day >= $1 AND day < $2",
                                        {from, until}, add);
    if (!done) return done.error();
    return counts;
}

Result<std::int64_t> count_open_runs(db::Connection& connection, Id organization, Timestamp until) {
    return db::query_number(connection,
                            "SELECT count(*) FROM timer JOIN task ON task.id = timer.task WHERE timer.shard = 0 AND "
                            "timer.due_hour < $2 AND "
                            "timer.organization = $1 AND timer.kind = 0 AND timer.attempt = 1 AND task.surface <> $3",
                            {organization, hour_of(until), Surface::system});
}

Result<UsageShares> list_usage_shares(db::Connection& connection, Id organization, Timestamp from, ShareOf by,
                                      int limit) {
    UsageShares found;
    auto examined = db::query_number(connection,
                                     "SELECT count(*) FROM (SELECT 1 FROM execution WHERE organization = $1 AND "
                                     "finished_at >= $2 LIMIT $3)",
                                     {organization, from, usage_examined_max + 1});
    if (!examined) return examined.error();
    found.is_complete = *examined <= usage_examined_max;
    const std::string newest =
        "(SELECT task, status, attempt FROM execution WHERE organization = $1 AND finished_at >= $2 "
        "ORDER BY finished_at DESC LIMIT $3) e JOIN task ON task.id = e.task WHERE e.attempt = 1 AND "
        "e.status IN (2, 3, 4) AND task.surface <> 3 ";
    const std::string sql = by == ShareOf::task
                                ? "SELECT e.task, task.queue, task.name, count(*) AS n, sum(e.status <> 2) FROM " +
                                      newest + "GROUP BY e.task ORDER BY n DESC, e.task LIMIT $4"
                                : "SELECT 0, task.queue, '', count(*) AS n, sum(e.status <> 2) FROM " + newest +
                                      "GROUP BY task.queue ORDER BY n DESC, task.queue LIMIT $4";
    auto done = connection.query(sql, {organization, from, usage_examined_max, limit}, [&](const db::Row& row) {
        found.shares.push_back({.task = row.integer(0),
                                .queue = row.string(1),
                                .name = row.string(2),
                                .executions = row.integer(3),
                                .failed = row.integer(4)});
    });
    if (!done) return done.error();
    return found;
}

}  // namespace punkt::store

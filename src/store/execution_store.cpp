#include "store/execution_store.h"

#include <algorithm>
#include <array>
#include <limits>

#include "store/rows.h"

namespace punkt::store {
namespace {

Execution pending_execution(const Timer& timer) {
    return {.id = timer.id,
            .task = timer.task,
            .organization = timer.organization,
            .first = timer.first,
            .attempt = timer.attempt,
            .cause = timer.cause,
            .status = Status::pending,
            .scheduled_for = timer.scheduled_for};
}

/// The row that only the primary key finds: a one-time task's first attempt at its scheduled time. That of an earlier
/// version counts too: a run that was out when the time was changed kept its place.
Result<std::optional<Timer>> first_attempt(db::Connection& connection, Id organization, Id task) {
    std::vector<Hour> hours;
    const auto take = [&](const db::Row& row) {
        if (row.is_null(0)) return;
        const Hour hour = hour_of(row.timestamp(0));
        if (std::find(hours.begin(), hours.end(), hour) == hours.end()) hours.push_back(hour);
    };
    int version = 1;
    auto done = connection.query("SELECT scheduled_at, version FROM task WHERE id = $1 AND organization = $2",
                                 {task, organization}, [&](const db::Row& row) {
                                     take(row);
                                     version = row.number(1);
                                 });
    if (done && version > 1)
        done = connection.query("SELECT scheduled_at FROM task_version WHERE task = $1 AND organization = $2",
                                {task, organization}, take);
    std::optional<Timer> found;
    for (std::size_t i = 0; done && !found && i < hours.size(); ++i)
        done = connection.query("SELECT " PUNKT_TIMER_COLUMNS
                                " FROM timer WHERE shard = 0 AND due_hour = $1 AND id = $2 AND organization = $3 AND "
                                "NOT " PUNKT_TIMER_INDEXED,
                                {hours[i], task, organization}, [&](const db::Row& row) { found = read_timer(row); });
    if (!done) return done.error();
    return found;
}

/// Counts a page off a stream of items.
class Pager {
  public:
    Pager(std::int64_t offset, int limit) : skip_(offset), room_(limit) {}
    /// True when the item belongs on the page. Sets `is_over` when one more than the page came.
    bool takes() {
        if (skip_ > 0) return --skip_, false;
        if (room_ == 0) return is_over_ = true, false;
        return --room_, true;
    }
    bool is_over() const { return is_over_; }

  private:
    std::int64_t skip_;
    int room_;
    bool is_over_ = false;
};

}  // namespace

Result<std::optional<Execution>> find_execution(db::Connection& connection, Id organization, Id execution) {
    std::optional<Execution> found;
    auto done =
        connection.query("SELECT " PUNKT_EXECUTION_COLUMNS
                         ", request_head, response_head, response_body FROM execution WHERE id = $1 AND "
                         "organization = $2",
                         {execution, organization}, [&](const db::Row& row) { found = read_execution(row, true); });
    if (!done) return done.error();
    return found;
}

Result<std::optional<Timer>> find_timer(db::Connection& connection, Id organization, Id execution) {
    std::optional<Timer> found;
    auto done = connection.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer WHERE id = $1 AND " PUNKT_TIMER_INDEXED
                                 " AND organization = $2 AND kind = 0",
                                 {execution, organization}, [&](const db::Row& row) { found = read_timer(row); });
    if (!done) return done.error();
    if (found) return found;
    return first_attempt(connection, organization, execution);
}

Result<std::vector<Timer>> timers_of_task(db::Connection& connection, Id organization, Id task) {
    auto first = first_attempt(connection, organization, task);
    if (!first) return first.error();
    std::vector<Timer> timers;
    if (*first) timers.push_back(**first);
    auto done = connection.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer WHERE task = $1 AND " PUNKT_TIMER_INDEXED
                                 " AND organization = $2",
                                 {task, organization}, [&](const db::Row& row) { timers.push_back(read_timer(row)); });
    if (!done) return done.error();
    std::sort(timers.begin(), timers.end(),
              [](const Timer& a, const Timer& b) { return std::pair(a.due, a.id) < std::pair(b.due, b.id); });
    return timers;
}

Result<ExecutionPage> list_executions(db::Connection& connection, Id organization, Id task,
                                      const ExecutionQuery& query) {
    ExecutionPage page;
    Pager pager(query.offset, query.limit);
    // 1. What waits, on the first pages only: a cursor names a finished one.
    if (query.cursor == 0 && query.status.value_or(Status::pending) == Status::pending) {
        auto timers = timers_of_task(connection, organization, task);
        if (!timers) return timers.error();
        std::erase_if(*timers, [](const Timer& timer) { return timer.kind == Timer::Kind::beat; });
        std::sort(timers->begin(), timers->end(), [](const Timer& a, const Timer& b) {
            return std::pair(a.scheduled_for, a.id) > std::pair(b.scheduled_for, b.id);
        });
        for (const Timer& timer : *timers)
            if (pager.takes()) page.executions.push_back(pending_execution(timer));
    }
    const std::size_t pending = page.executions.size();
    page.has_more = pager.is_over();
    if (page.has_more || query.status == Status::pending) return page;
    // 2. What happened, by id, which grows with the time it was made for; the one-time task's first attempt is last.
    int examined = 0;
    const auto take = [&](const db::Row& row) {
        if (++examined > rows_examined_max) return page.has_more = true, false;
        if (query.status && row.as<Status>(3) != *query.status) return true;
        if (pager.takes()) page.executions.push_back(read_execution(row, false));
        if (pager.is_over()) return page.has_more = true, false;
        page.cursor = row.integer(0);
        return true;
    };
    const Id before = query.cursor == 0 ? std::numeric_limits<Id>::max() : query.cursor;
    auto done =
        connection.query("SELECT " PUNKT_EXECUTION_COLUMNS
                         " FROM execution WHERE task = $1 AND id <> task AND id < $2 AND organization = $3 ORDER "
                         "BY id DESC",
                         {task, before, organization}, take);
    if (done && !page.has_more && task < before)
        done = connection.query("SELECT " PUNKT_EXECUTION_COLUMNS
                                " FROM execution WHERE id = $1 AND task = $1 AND organization = $2",
                                {task, organization}, take);
    if (!done) return done.error();
    // Runs of one catch-up may have been recorded out of their order.
    std::stable_sort(page.executions.begin() + static_cast<std::ptrdiff_t>(pending), page.executions.end(),
                     [](const Execution& a, const Execution& b) { return a.scheduled_for > b.scheduled_for; });
    return page;
}

Result<FinishedPage> list_finished(db::Connection& connection, Id organization, const std::vector<Status>& statuses,
                                   int limit, std::optional<FinishedCursor> before) {
    const bool failures_only = !statuses.empty() && std::all_of(statuses.begin(), statuses.end(), [](Status status) {
        return status == Status::failed || status == Status::timeout;
    });
    FinishedPage page;
    int examined = 0;
    FinishedCursor last;
    bool has_more = false;
    const auto take = [&](const db::Row& row) {
        const FinishedCursor here{row.timestamp(11), row.integer(0)};
        if (before && here.finished_at == before->finished_at && here.id >= before->id) return true;
        if (++examined > rows_examined_max) return has_more = true, false;
        const auto status = row.as<Status>(3);
        const bool fits = statuses.empty() || std::find(statuses.begin(), statuses.end(), status) != statuses.end();
        if (fits && static_cast<int>(page.executions.size()) == limit) return has_more = true, false;
        if (fits) page.executions.push_back(read_execution(row, false));
        last = here;
        return true;
    };
    const std::int64_t from = before ? to_ms(before->finished_at) : std::numeric_limits<std::int64_t>::max();
    const std::string_view sql =
        failures_only
            ? "SELECT " PUNKT_EXECUTION_COLUMNS
              " FROM execution WHERE organization = $1 AND finished_at <= $2 AND status IN (3, 4) ORDER BY "
              "finished_at DESC, id DESC"
            : "SELECT " PUNKT_EXECUTION_COLUMNS
              " FROM execution WHERE organization = $1 AND finished_at <= $2 ORDER BY finished_at DESC, id DESC";
    auto done = connection.query(sql, {organization, from}, take);
    if (!done) return done.error();
    if (has_more) page.next = last;
    return page;
}

Result<std::vector<Timer>> list_pending(db::Connection& connection, Id organization, int limit, std::int64_t offset) {
    std::vector<Timer> timers;
    Pager pager(offset, limit);
    int examined = 0;
    // In the order of the key: the hours come in order, within one it is the order of creation.
    auto done = connection.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer WHERE shard = 0 ORDER BY due_hour, id", {},
                                 [&](const db::Row& row) {
                                     if (++examined > rows_examined_max) return false;
                                     if (row.integer(2) != organization || row.number(3) != 0) return true;
                                     if (pager.takes()) timers.push_back(read_timer(row));
                                     return !pager.is_over();
                                 });
    if (!done) return done.error();
    std::stable_sort(timers.begin(), timers.end(), [](const Timer& a, const Timer& b) { return a.due < b.due; });
    return timers;
}

}  // namespace punkt::store

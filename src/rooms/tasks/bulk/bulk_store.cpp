#include "rooms/tasks/bulk/bulk_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "core/url.h"
#include "store/execution_store.h"
#include "store/rows.h"
#include "store/task_list.h"

namespace punkt::tasks {
namespace {

#define PUNKT_BULK_COLUMNS \
    "id, organization, status, request, matched, cursor, last_task, changed, skipped, error, created_at, updated_at"

static_assert(static_cast<int>(BulkStatus::running) == 1);  // migration 0008

BulkJob read_job(const db::Row& row) {
    return {.id = row.integer(0),
            .organization = row.integer(1),
            .status = row.as<BulkStatus>(2),
            .request = row.string(3),
            .matched = row.integer(4),
            .cursor = row.integer(5),
            .last_task = row.integer(6),
            .changed = row.integer(7),
            .skipped = row.integer(8),
            .error = row.string(9),
            .created_at = row.timestamp(10),
            .updated_at = row.timestamp(11)};
}

Result<std::optional<BulkJob>> one_job(db::Connection& connection, std::string_view sql,
                                       std::initializer_list<db::Parameter> parameters) {
    std::optional<BulkJob> job;
    auto done = connection.query(sql, parameters, [&](const db::Row& row) { job = read_job(row); });
    if (!done) return done.error();
    return job;
}

Result<void> must_change_one(Result<std::int64_t> affected) {
    if (!affected) return std::move(affected).error();
    if (*affected != 0) return {};
    return Error{ErrorKind::conflict, "the bulk job is not in that state any more"};
}

bool is_within(std::optional<Timestamp> at, std::optional<Timestamp> from, std::optional<Timestamp> until) {
    if (!from && !until) return true;
    return at && (!from || *at >= *from) && (!until || *at < *until);
}

Result<bool> has_waiting_run(db::Connection& connection, const Task& task) {
    auto timers = store::timers_of_task(connection, task.organization, task.id);
    if (!timers) return timers.error();
    return std::any_of(timers->begin(), timers->end(), [](const Timer& t) { return t.kind == Timer::Kind::run; });
}

/// What the columns of the row itself do not say.
Result<bool> passes(db::Connection& connection, const Task& task, const BulkFilter& filter) {
    if (task.purpose != Purpose::user) return false;
    if (!is_within(task.created_at, filter.created_from, filter.created_until)) return false;
    if (!filter.name_part.empty() && lower_case(task.name).find(lower_case(filter.name_part)) == std::string::npos)
        return false;
    if (!filter.tag.empty() && std::find(task.tags.begin(), task.tags.end(), filter.tag) == task.tags.end())
        return false;
    if (!filter.host.empty()) {
        const auto url = parse_url(task.url);
        if (!url || lower_case(url->host) != filter.host) return false;
    }
    if (filter.status == store::TaskState::active && !(task.kind == TaskKind::cron && task.enabled)) return false;
    if (filter.status == store::TaskState::paused && task.enabled) return false;
    if (filter.status == store::TaskState::pending) {
        auto waits = has_waiting_run(connection, task);
        if (!waits || !*waits) return waits;
    }
    const bool asks_for_last = filter.finished_from || filter.finished_until || filter.status;
    if (!asks_for_last) return true;
    auto last = store::last_run(connection, task.id, task.kind);
    if (!last) return last.error();
    const auto at = *last ? std::optional((*last)->at) : std::nullopt;
    if (!is_within(at, filter.finished_from, filter.finished_until)) return false;
    switch (filter.status.value_or(store::TaskState::active)) {
        case store::TaskState::active:
        case store::TaskState::paused:
        case store::TaskState::pending:
            return true;
        default:
            return *last && store::task_state_from(word((*last)->status)) == filter.status;
    }
}

}  // namespace

Result<void> insert_bulk_job(db::Connection& connection, const BulkJob& job) {
    auto done = connection.execute(
        "INSERT INTO bulk_job (" PUNKT_BULK_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {job.id, job.organization, job.status, job.request, job.matched, job.cursor, job.last_task, job.changed,
         job.skipped, db::text_or_null(job.error), job.created_at, job.updated_at});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<std::optional<BulkJob>> find_bulk_job(db::Connection& connection, Id organization, Id id) {
    return one_job(connection, "SELECT " PUNKT_BULK_COLUMNS " FROM bulk_job WHERE id = $1 AND organization = $2",
                   {id, organization});
}

Result<std::vector<BulkJob>> list_bulk_jobs(db::Connection& connection, Id organization, int limit) {
    std::vector<BulkJob> jobs;
    auto done = connection.query("SELECT " PUNKT_BULK_COLUMNS
                                 " FROM bulk_job WHERE organization = $1 ORDER BY id DESC LIMIT $2",
                                 {organization, limit}, [&](const db::Row& row) { jobs.push_back(read_job(row)); });
    if (!done) return done.error();
    return jobs;
}

Result<std::optional<BulkJob>> next_bulk_job(db::Connection& connection) {
    return one_job(connection, "SELECT " PUNKT_BULK_COLUMNS " FROM bulk_job WHERE status = 1 ORDER BY id LIMIT 1", {});
}

Result<std::int64_t> count_open_bulk_jobs(db::Connection& connection, Id organization, Timestamp now) {
    return db::query_number(
        connection,
        "SELECT count(*) FROM bulk_job WHERE organization = $1 AND (status = $2 OR (status = $3 AND created_at > $4))",
        {organization, BulkStatus::running, BulkStatus::waiting, now - bulk_confirm_within});
}

Result<Id> greatest_task(db::Connection& connection, Id organization) {
    return db::query_number(connection, "SELECT max(id) FROM task WHERE organization = $1 AND deleted_at IS NULL",
                            {organization});
}

Result<void> set_bulk_status(db::Connection& connection, Id id, BulkStatus from, BulkStatus to, Timestamp now) {
    return must_change_one(connection.execute(
        "UPDATE bulk_job SET status = $3, updated_at = $4 WHERE id = $1 AND status = $2", {id, from, to, now}));
}

Result<void> keep_bulk_progress(db::Connection& connection, const BulkJob& job) {
    return must_change_one(connection.execute(
        "UPDATE bulk_job SET status = $2, cursor = $3, changed = $4, skipped = $5, error = $6, "
        "updated_at = $7 WHERE id = $1 AND status = 1",
        {job.id, job.status, job.cursor, job.changed, job.skipped, db::text_or_null(job.error), job.updated_at}));
}

Result<void> forget_bulk_jobs(db::Connection& connection, Timestamp before) {
    auto done = connection.execute("DELETE FROM bulk_job WHERE status <> 1 AND updated_at < $1", {before});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<BulkMatch> match_tasks(db::Connection& connection, Id organization, const BulkFilter& filter, Id cursor,
                              Id last_task, int limit, int examined_max) {
    BulkMatch match{.cursor = cursor, .is_complete = true};
    // An id grows with the time it was made at; the column decides, the id saves the way there.
    if (filter.created_from) cursor = std::max(cursor, (to_ms(*filter.created_from) - 1) << 20);
    int examined = 0;
    Result<void> failed;
    const auto take = [&](const db::Row& row) {
        if (++examined > examined_max || static_cast<int>(match.tasks.size()) == limit) {
            match.is_complete = false;
            return false;
        }
        match.cursor = row.integer(0);
        auto task = store::read_task(row);
        auto fits = task ? passes(connection, *task, filter) : Result<bool>(task.error());
        if (!fits) return failed = fits.error(), false;
        if (*fits) match.tasks.push_back(std::move(*task));
        return true;
    };
    const int kind = filter.type ? static_cast<int>(*filter.type) : -1;
    Result<void> done;
    if (filter.queue && !filter.queue->empty())
        done = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                " FROM task WHERE organization = $1 AND queue = $2 AND id > $3 AND id <= $4 AND "
                                "deleted_at IS NULL AND ($5 < 0 OR kind = $5) ORDER BY id",
                                {organization, *filter.queue, cursor, last_task, kind}, take);
    else
        done = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                " FROM task WHERE organization = $1 AND id > $2 AND id <= $3 AND deleted_at IS NULL "
                                "AND ($4 < 0 OR kind = $4) AND ($5 = 0 OR queue IS NULL) AND ($6 = '' OR "
                                "instr(lower(url), $6) > 0) ORDER BY id",
                                {organization, cursor, last_task, kind, filter.queue ? 1 : 0, filter.host}, take);
    if (!done) return done.error();
    if (!failed) return failed.error();
    return match;
}

Result<BulkCount> count_matches(db::Connection& connection, Id organization, const BulkFilter& filter, Id last_task) {
    constexpr int at_a_time = 1000;
    BulkCount count;
    Id cursor = 0;
    for (bool more = true; more;) {
        auto match = match_tasks(connection, organization, filter, cursor, last_task, at_a_time,
                                 std::numeric_limits<int>::max());
        if (!match) return match.error();
        count.matched += static_cast<std::int64_t>(match->tasks.size());
        for (Task& task : match->tasks)
            if (static_cast<int>(count.sample.size()) < bulk_sample) count.sample.push_back(std::move(task));
        cursor = match->cursor;
        more = !match->is_complete;
    }
    return count;
}

}  // namespace punkt::tasks

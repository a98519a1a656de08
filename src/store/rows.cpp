#include "store/rows.h"
#include "store/expiries.h"

#include "store/name_index.h"
#include "store/task_keys.h"
#include "store/task_labels.h"
#include "store/task_options.h"

namespace punkt::store {
namespace {

using db::Bytes;
using db::Parameter;
using db::text_or_null;

Result<void> nothing(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

Parameter body_of(const Task& task) { return task.body ? Parameter(Bytes{*task.body}) : Parameter(std::nullopt); }

Parameter id_or_null(Id id, Id default_value) { return id == default_value ? Parameter(std::nullopt) : Parameter(id); }

Parameter bytes_or_null(std::string_view value) {
    return value.empty() ? Parameter(std::nullopt) : Parameter(Bytes{value});
}

Result<std::int64_t> try_insert_execution(db::Connection& connection, const Execution& e) {
    return connection.execute(
        "INSERT INTO execution (" PUNKT_EXECUTION_COLUMNS
        ", request_head, response_head, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
        "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26) ON CONFLICT (id) DO NOTHING",
        {e.id,
         e.task,
         e.organization,
         e.status,
         e.cause,
         e.attempt,
         e.deliveries,
         e.task_version,
         e.status_code,
         e.scheduled_for,
         e.started_at,
         e.finished_at,
         id_or_null(e.first, e.id),
         id_or_null(e.next, 0),
         e.next_at,
         e.timings.dns_us,
         e.timings.connect_us,
         e.timings.tls_us,
         e.timings.first_byte_us,
         e.timings.total_us,
         text_or_null(e.address),
         text_or_null(e.error_message),
         e.response_truncated,
         bytes_or_null(e.request_head),
         bytes_or_null(e.response_head),
         bytes_or_null(e.response_body)});
}

}  // namespace

Result<void> insert_task(db::Connection& connection, const Task& task) {
    if (!task.key.empty())
        if (auto done = claim_key(connection, task, true); !done) return done;
    if (auto done = store_labels(connection, task, true); !done) return done;
    if (auto done = note_expiry(connection, task, true); !done) return done;
    const std::string options = options_text(task);
    return nothing(
        connection.execute("INSERT INTO task (" PUNKT_TASK_COLUMNS
                           ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                           {task.id, task.organization, task.version, task.kind, task.surface, task.enabled,
                            task.method, task.created_at, task.updated_at, task.deleted_at, task.scheduled_at,
                            text_or_null(task.queue), task.name, task.url, text_or_null(options), body_of(task)}));
}

Result<void> replace_task(db::Connection& connection, const Task& task) {
    auto renamed =
        db::query_number(connection, "SELECT count(*) FROM task WHERE id = $1 AND name <> $2", {task.id, task.name});
    if (!renamed) return renamed.error();
    if (*renamed != 0)
        if (auto done = rename_in_block(connection, task.organization, task.id, task.name); !done) return done;
    if (auto done = claim_key(connection, task, false); !done) return done;
    if (auto done = store_labels(connection, task, false); !done) return done;
    if (auto done = note_expiry(connection, task, false); !done) return done;
    const std::string options = options_text(task);
    return nothing(connection.execute(
        "UPDATE task SET version = $2, kind = $3, surface = $4, enabled = $5, method = $6, updated_at = $7, "
        "deleted_at = $8, scheduled_at = $9, queue = $10, name = $11, url = $12, options = $13, body = $14 WHERE id = "
        "$1",
        {task.id, task.version, task.kind, task.surface, task.enabled, task.method, task.updated_at, task.deleted_at,
         task.scheduled_at, text_or_null(task.queue), task.name, task.url, text_or_null(options), body_of(task)}));
}

Result<void> keep_version(db::Connection& connection, Id task, Timestamp now) {
    return nothing(
        connection.execute("INSERT INTO task_version (task, version, organization, replaced_at, kind, surface, "
                           "enabled, method, created_at, "
                           "updated_at, scheduled_at, queue, name, url, options, body) SELECT id, version, "
                           "organization, $2, kind, surface, "
                           "enabled, method, created_at, updated_at, scheduled_at, queue, name, url, options, body "
                           "FROM task WHERE id = $1",
                           {task, now}));
}

Result<Task> read_task(const db::Row& row) {
    Task task;
    task.id = row.integer(0);
    task.organization = row.integer(1);
    task.version = row.number(2);
    task.kind = row.as<TaskKind>(3);
    task.surface = row.as<Surface>(4);
    task.enabled = row.flag(5);
    task.method = row.as<Method>(6);
    task.created_at = row.timestamp(7);
    task.updated_at = row.timestamp(8);
    task.deleted_at = row.optional_timestamp(9);
    task.scheduled_at = row.optional_timestamp(10);
    task.queue = row.string(11);
    task.name = row.string(12);
    task.url = row.string(13);
    if (auto read = read_options(row.text(14), task); !read) return read.error();
    if (!row.is_null(15)) task.body = row.string(15);
    return task;
}

Result<void> insert_timer(db::Connection& connection, const Timer& timer) {
    // Recording the same batch again after an error must not trip over what is there.
    return nothing(connection.execute(
        "INSERT INTO timer (shard, due_hour, " PUNKT_TIMER_COLUMNS
        ") VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (shard, due_hour, id) DO UPDATE SET due = excluded.due, scheduled_for = excluded.scheduled_for, "
        "attempt = excluded.attempt, cause = excluded.cause, lane = excluded.lane, priority = excluded.priority",
        {hour_of(timer.due), timer.id, timer.task, timer.organization, timer.kind, timer.cause, timer.attempt,
         timer.priority, timer.due, timer.scheduled_for, timer.lane, id_or_null(timer.first, timer.id)}));
}

Result<bool> remove_timer(db::Connection& connection, const Timer& timer) {
    auto removed = connection.execute("DELETE FROM timer WHERE shard = 0 AND due_hour = $1 AND id = $2 AND due = $3",
                                      {hour_of(timer.due), timer.id, timer.due});
    if (!removed) return removed.error();
    return *removed > 0;
}

Timer read_timer(const db::Row& row) {
    Timer timer;
    timer.id = row.integer(0);
    timer.task = row.integer(1);
    timer.organization = row.integer(2);
    timer.kind = row.as<Timer::Kind>(3);
    timer.cause = row.as<Cause>(4);
    timer.attempt = row.number(5);
    timer.priority = row.number(6);
    timer.due = row.timestamp(7);
    timer.scheduled_for = row.timestamp(8);
    timer.lane = row.as<Lane>(9);
    timer.first = row.is_null(10) ? timer.id : row.integer(10);
    return timer;
}

Result<void> insert_execution(db::Connection& connection, const Execution& execution) {
    auto inserted = try_insert_execution(connection, execution);
    if (!inserted || *inserted == 1) return nothing(std::move(inserted));
    auto removed = connection.execute("DELETE FROM execution WHERE id = $1", {execution.id});
    if (!removed) return removed.error();
    return nothing(try_insert_execution(connection, execution));
}

Execution read_execution(const db::Row& row, bool complete) {
    Execution e;
    e.id = row.integer(0);
    e.task = row.integer(1);
    e.organization = row.integer(2);
    e.status = row.as<Status>(3);
    e.cause = row.as<Cause>(4);
    e.attempt = row.number(5);
    e.deliveries = row.number(6);
    e.task_version = row.number(7);
    if (!row.is_null(8)) e.status_code = row.number(8);
    e.scheduled_for = row.timestamp(9);
    e.started_at = row.optional_timestamp(10);
    e.finished_at = row.optional_timestamp(11);
    e.first = row.is_null(12) ? e.id : row.integer(12);
    e.next = row.integer(13);
    e.next_at = row.optional_timestamp(14);
    e.timings.dns_us = row.optional_integer(15);
    e.timings.connect_us = row.optional_integer(16);
    e.timings.tls_us = row.optional_integer(17);
    e.timings.first_byte_us = row.optional_integer(18);
    e.timings.total_us = row.integer(19);
    e.address = row.string(20);
    e.error_message = row.string(21);
    e.response_truncated = row.flag(22);
    if (complete) {
        e.request_head = row.string(23);
        e.response_head = row.string(24);
        e.response_body = row.string(25);
    }
    return e;
}

}  // namespace punkt::store

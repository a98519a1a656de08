#include "store/expiries.h"

#include "store/execution_store.h"

namespace punkt::store {

Result<void> note_expiry(db::Connection& connection, const Task& task, bool is_new) {
    if (is_new && !task.expires_at) return {};
    auto done = task.expires_at && !task.deleted_at
                    ? connection.execute(
                          "INSERT INTO expiry (task, organization, at) VALUES ($1, $2, $3) ON CONFLICT (task) "
                          "DO UPDATE SET at = excluded.at",
                          {task.id, task.organization, *task.expires_at})
                    : connection.execute("DELETE FROM expiry WHERE task = $1", {task.id});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> forget_expiries(db::Connection& connection, const std::vector<Id>& tasks, Timestamp now) {
    for (const Id task : tasks) {
        auto done = connection.execute("DELETE FROM expiry WHERE task = $1 AND at <= $2", {task, now});
        if (!done) return done.error();
    }
    return {};
}

Result<std::vector<ExpiredTasks::Row>> ExpiredTasks::read(db::Connection& connection, Timestamp now, int tasks_max) {
    std::vector<Row> rows;
    auto done = connection.query(
        "SELECT at, task, organization FROM expiry WHERE at <= $1 AND (at, task) > ($2, $3) ORDER BY at, task LIMIT $4",
        {now, last_.at, last_.task, tasks_max}, [&](const db::Row& row) {
            rows.push_back({.at = row.timestamp(0), .task = row.integer(1), .organization = row.integer(2)});
        });
    if (!done) return done.error();
    return rows;
}

Result<ExpiredTasks::Found> ExpiredTasks::look(db::Connection& connection, Timestamp now, int tasks_max) {
    Found found;
    auto rows = read(connection, now, tasks_max);
    if (!rows) return rows.error();
    for (const Row& row : *rows) {
        auto timers = timers_of_task(connection, row.organization, row.task);
        if (!timers) return timers.error();
        const std::size_t before = found.pending.size();
        for (const Timer& timer : *timers)
            if (timer.kind == Timer::Kind::run && timer.scheduled_for <= row.at) found.pending.push_back(timer);
        if (found.pending.size() == before) found.over.push_back(row.task);
    }
    found.has_more = rows->size() == static_cast<std::size_t>(tasks_max);
    last_ = found.has_more ? rows->back() : Row{};
    return found;
}

}  // namespace punkt::store

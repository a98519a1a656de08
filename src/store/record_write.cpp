#include "store/record_write.h"

#include "store/rows.h"

namespace punkt::store {
namespace {

/// What lists of cron tasks show. Others have no row in `schedule`.
Result<void> note_last(db::Connection& connection, const Execution& execution) {
    if (execution.id == execution.task) return {};  // the first attempt of a one-time task
    const Timestamp at = execution.finished_at.value_or(execution.scheduled_for);
    auto done = connection.execute(
        "UPDATE schedule SET last_execution_at = $2, last_status = $3 WHERE task = $1 AND "
        "(last_execution_at IS NULL OR last_execution_at <= $2)",
        {execution.task, at, execution.status});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> write_execution(db::Connection& connection, const Execution& execution) {
    if (auto done = insert_execution(connection, execution); !done) return done;
    return note_last(connection, execution);
}

/// What follows from a timer that was still there.
Result<void> write_consequences(db::Connection& connection, const Transition& transition) {
    for (const Timer& timer : transition.arm)
        if (auto done = insert_timer(connection, timer); !done) return done;
    for (const Execution& execution : transition.missed)
        if (auto done = write_execution(connection, execution); !done) return done;
    if (!transition.next_run_at) return {};
    auto done = connection.execute("UPDATE schedule SET next_run_at = $2 WHERE task = $1",
                                   {transition.timer.task, *transition.next_run_at});
    return done ? Result<void>() : Result<void>(done.error());
}

}  // namespace

Result<void> RecordWrite::apply(db::Connection& connection) {
    stale_.clear();
    for (std::size_t i = 0; i < transitions_.size(); ++i) {
        const Transition& transition = transitions_[i];
        auto removed = remove_timer(connection, transition.timer);
        if (!removed) return removed.error();
        if (!*removed) stale_.push_back(i);
        if (transition.record)
            if (auto done = write_execution(connection, *transition.record); !done) return done;
        if (*removed)
            if (auto done = write_consequences(connection, transition); !done) return done;
    }
    return {};
}

}  // namespace punkt::store

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

Happening about(const Transition& transition, EventType type) {
    Happening happening{.type = type, .organization = transition.timer.organization, .task = transition.timer.task};
    if (transition.task != nullptr) {
        happening.is_system = transition.task->purpose != Purpose::user;
        happening.queue = transition.task->queue;
        happening.name = transition.task->name;
    }
    return happening;
}

void tell_end(Journal& journal, const Transition& transition, const Execution& record) {
    Happening happening = about(transition, event_of(record.status));
    happening.execution = record.id;
    happening.record = &record;
    journal.happened(happening);
}

}  // namespace

/// What follows only from a timer that was still there is not told of a stale one either.
void RecordWrite::tell(Journal& journal) const {
    auto next_stale = stale_.begin();
    for (std::size_t i = 0; i < transitions_.size(); ++i) {
        const Transition& transition = transitions_[i];
        const bool is_stale = next_stale != stale_.end() && *next_stale == i;
        if (is_stale) ++next_stale;
        if (!journal.wants(transition.timer.organization)) continue;
        if (transition.record) tell_end(journal, transition, *transition.record);
        if (is_stale) continue;
        for (const Execution& missed : transition.missed) tell_end(journal, transition, missed);
        for (const Timer& timer : transition.arm) {
            if (timer.cause != Cause::retry || !transition.record) continue;
            Happening happening = about(transition, EventType::execution_retry_scheduled);
            happening.execution = timer.id;
            happening.record = &*transition.record;
            happening.timer = &timer;
            journal.happened(happening);
        }
    }
}

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

#include "store/record_write.h"

#include <algorithm>

#include "store/rows.h"
#include "store/usage.h"

namespace punkt::store {
namespace {

constexpr std::size_t dead_letter_error_bytes = 512;  // dead letters are grouped by it

/// What a final outcome makes of `last_run_lost`; nothing: it says nothing about the run.
std::optional<bool> run_lost(const Execution& execution) {
    if (execution.next != 0) return std::nullopt;
    switch (execution.status) {
        case Status::success:
            return false;
        case Status::failed:
        case Status::timeout:
        case Status::expired:
            return true;
        default:
            return std::nullopt;
    }
}

/// What lists of cron tasks show, and what the next run is compared with. Tasks that ran only once have no row in
/// `schedule`.
Result<void> note_last(db::Connection& connection, const Execution& execution) {
    const Timestamp at = execution.finished_at.value_or(execution.scheduled_for);
    auto done = connection.execute(
        "UPDATE schedule SET last_execution_at = $2, last_status = $3, last_run_lost = COALESCE($4, last_run_lost) "
        "WHERE task = $1 AND (last_execution_at IS NULL OR last_execution_at <= $2)",
        {execution.task, at, execution.status, run_lost(execution)});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> write_dead_letter(db::Connection& connection, const Execution& execution, const DeadLetter& letter) {
    auto done = connection.execute(
        "INSERT INTO dead_letter (organization, execution, task, purpose, attempt, finished_at, status, status_code, "
        "host, "
        "error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        {execution.organization, execution.id, execution.task, letter.purpose, execution.attempt, execution.finished_at,
         execution.status, execution.status_code, letter.host,
         std::string_view(execution.error_message).substr(0, dead_letter_error_bytes)});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> write_execution(db::Connection& connection, const Execution& execution, bool is_compared) {
    if (auto done = insert_execution(connection, execution); !done) return done;
    return is_compared ? note_last(connection, execution) : Result<void>();
}

/// What follows from a timer that was still there.
Result<void> write_consequences(db::Connection& connection, const Transition& transition) {
    for (const Timer& timer : transition.arm)
        if (auto done = insert_timer(connection, timer); !done) return done;
    for (const Execution& execution : transition.missed)
        if (auto done = write_execution(connection, execution, true); !done) return done;
    for (const Armed& follow_up : transition.follow_ups) {
        if (auto done = insert_task(connection, *follow_up.task); !done) return done;
        if (auto done = insert_timer(connection, follow_up.timer); !done) return done;
    }
    if (transition.dead_letter)
        if (auto done = write_dead_letter(connection, *transition.record, *transition.dead_letter); !done) return done;
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
    tally_.clear();
    for (std::size_t i = 0; i < transitions_.size(); ++i) {
        const Transition& transition = transitions_[i];
        auto removed = remove_timer(connection, transition.timer);
        if (!removed) return removed.error();
        if (!*removed) stale_.push_back(i);
        if (transition.record) {
            if (auto done = write_execution(connection, *transition.record, transition.is_compared); !done) return done;
            if (transition.is_counted) tally_.count(*transition.record);
        }
        if (*removed)
            if (auto done = write_consequences(connection, transition); !done) return done;
    }
    for (const UsageCount& count : tally_.counts())
        if (auto done = add_usage(connection, count); !done) return done;
    return {};
}

/// The runs of a beat were admitted when it was planned (Directory::admit_run).
void RecordWrite::tell_quotas() const {
    if (!tally_.counts().empty()) quotas_->counted(tally_.counts());
    if (!quotas_->is_limited()) return;
    for (std::size_t i = 0; i < transitions_.size(); ++i) {
        const Transition& transition = transitions_[i];
        if (transition.timer.kind != Timer::Kind::beat) continue;
        const auto runs = std::count_if(transition.arm.begin(), transition.arm.end(),
                                        [](const Timer& timer) { return timer.kind == Timer::Kind::run; });
        if (runs == 0) continue;
        const bool is_stale = std::find(stale_.begin(), stale_.end(), i) != stale_.end();
        is_stale ? quotas_->release(transition.timer.organization, runs)
                 : quotas_->committed(transition.timer.organization, runs);
    }
}

}  // namespace punkt::store

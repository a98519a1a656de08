#include "engine/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/time_text.h"
#include "core/arming.h"
#include "core/verdict.h"

namespace punkt::engine {
namespace {

Execution record_of(const Running& run, const Verdict& verdict, Answer answer, Timestamp now) {
    const Timer& timer = run.timer;
    Execution execution;
    execution.id = timer.id;
    execution.task = timer.task;
    execution.organization = timer.organization;
    execution.first = timer.first;
    execution.attempt = timer.attempt;
    execution.deliveries = run.deliveries;
    execution.task_version = run.task->version;
    execution.cause = timer.cause;
    execution.status = verdict.status;
    execution.scheduled_for = timer.scheduled_for;
    execution.started_at = run.started_at;
    execution.finished_at = std::max(now, run.started_at);  // the clock may have stepped back
    execution.status_code = answer.status;
    execution.error_message = verdict.error;
    execution.address = std::move(answer.address);
    execution.timings = answer.timings;
    execution.request_head = std::move(answer.request_head);
    execution.response_head = std::move(answer.response_head);
    execution.response_body = std::move(answer.body);
    execution.response_truncated = answer.body_truncated;
    if (answer.body_truncated) execution.response_body += limits::truncation_mark;  // execution.md §5.2
    return execution;
}

}  // namespace

store::Transition outcome_of(const Running& run, Answer answer, const RetryPolicy& standard, Timestamp now,
                             IdMaker& ids, Random& random) {
    const Verdict verdict = judge(*run.task, answer, run.timer.attempt, standard, now, random);
    store::Transition transition{.timer = run.timer, .task = run.task};
    Execution execution = record_of(run, verdict, std::move(answer), now);
    if (verdict.retry_at && run.may_retry) {
        Timer retry = run.timer;
        retry.id = ids.next(now);
        retry.cause = Cause::retry;
        ++retry.attempt;
        retry.due = retry.scheduled_for = *verdict.retry_at;
        // It would come too late: it ends when the task expires.
        const auto& expires_at = run.task->expires_at;
        if (expires_at && run.timer.scheduled_for <= *expires_at && retry.due > *expires_at)
            retry.due = retry.scheduled_for = std::max(*expires_at, now);
        execution.next = retry.id;
        execution.next_at = retry.due;
        transition.arm.push_back(retry);
    }
    transition.record = std::move(execution);
    transition.is_counted = run.task->purpose == Purpose::user;
    return transition;
}

bool is_expired(const Timer& run, const Task& task, Timestamp now) {
    return task.expires_at && run.scheduled_for <= *task.expires_at && now >= *task.expires_at;
}

store::Transition expired(const Timer& run, const Task& task, Timestamp now) {
    store::Transition transition{.timer = run};
    transition.record = unsent(run, task.version, Status::expired, now);
    transition.record->error_message = fmt::format("Not started before it expired at {}", to_text_ms(*task.expires_at));
    return transition;
}

store::Transition dropped(const Timer& timer) {
    store::Transition transition{.timer = timer};
    if (timer.kind == Timer::Kind::beat) transition.next_run_at.emplace(std::nullopt);
    return transition;
}

}  // namespace punkt::engine

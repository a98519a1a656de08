#include "engine/beats.h"

#include "base/log.h"

namespace punkt::engine {

const Schedule* Beats::schedule(const Task& task) {
    const auto found = schedules_.find(task.id);
    if (found != schedules_.end()) return &found->second;
    auto parsed = Schedule::create(task);
    if (!parsed) {
        // Checked at intake; only a changed time zone database can bring us here.
        log::error("cron task {} cannot be scheduled any more: {}", task.id, parsed.error().message);
        return nullptr;
    }
    if (schedules_.size() >= schedules_max) schedules_.clear();
    return &schedules_.emplace(task.id, std::move(*parsed)).first->second;
}

Execution Beats::missed(const Timer& beat, const Task& task, Timestamp instant, Timestamp now, const char* reason) {
    Execution execution;
    execution.id = ids_.next(now);
    execution.first = execution.id;
    execution.task = task.id;
    execution.organization = beat.organization;
    execution.task_version = task.version;
    execution.cause = Cause::schedule;
    execution.status = Status::missed;
    execution.scheduled_for = instant;
    execution.finished_at = now;
    execution.error_message = reason;
    return execution;
}

store::Transition Beats::plan(const Timer& beat, const Task& task, Timestamp now) {
    store::Transition transition{.timer = beat};
    const Schedule* known = task.kind == TaskKind::cron && task.enabled && !task.deleted_at ? schedule(task) : nullptr;
    if (known == nullptr) {
        transition.next_run_at.emplace(std::nullopt);
        return transition;
    }
    const CatchUpPlan plan = plan_catch_up(*known, task.catch_up, beat.due, now);
    bool busy = task.overlap == Overlap::skip && active_.contains(task.id);
    for (const auto& [instant, reason] : plan.missed)
        transition.missed.push_back(missed(beat, task, instant, now, reason));
    for (const Timestamp instant : plan.run) {
        if (busy) {
            transition.missed.push_back(missed(beat, task, instant, now, "The previous run was still active"));
            continue;
        }
        if (!directory_.admit_run(beat.organization)) {
            transition.missed.push_back(
                missed(beat, task, instant, now, "The monthly limit of executions was reached"));
            continue;
        }
        Timer run = beat;
        run.kind = Timer::Kind::run;
        run.id = ids_.next(now);
        run.first = run.id;
        run.cause = Cause::schedule;
        run.due = run.scheduled_for = instant;
        transition.arm.push_back(run);
        busy = task.overlap == Overlap::skip;
    }
    transition.next_run_at.emplace(plan.next);
    if (plan.next) {
        Timer next = beat;
        next.due = next.scheduled_for = *plan.next;
        transition.arm.push_back(next);
    }
    return transition;
}

// Tasks that run once have no overlap; leaving them out keeps the hot path free of this.
void Beats::run_armed(const Timer& run) {
    if (run.cause != Cause::create) active_[run.task].insert(run.first);
}

void Beats::run_over(const Timer& run) {
    const auto found = active_.find(run.task);
    if (found == active_.end()) return;
    found->second.erase(run.first);
    if (found->second.empty()) active_.erase(found);
}

}  // namespace punkt::engine

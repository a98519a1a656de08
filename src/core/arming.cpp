#include "core/arming.h"

namespace punkt {
namespace {

// A byte that no queue name starts with: lanes of our own never meet those of users.
constexpr std::string_view tiktak_name = "\x01tiktak";
constexpr std::string_view qron_name = "\x01qron";
constexpr std::string_view overlap_name = "\x01overlap";

Timer timer_of(const Task& task, Id id, Timestamp due, Cause cause) {
    return {.id = id,
            .task = task.id,
            .organization = task.organization,
            .cause = cause,
            .first = id,
            .due = due,
            .scheduled_for = due,
            .lane = lane_of(task),
            .priority = task.priority};
}

}  // namespace

Lane tiktak_lane(Id organization) { return lane_of(organization, tiktak_name); }

Lane qron_lane(Id organization) { return lane_of(organization, qron_name); }

Lane lane_of(const Task& task) {
    if (!task.queue.empty()) return lane_of(task.organization, task.queue);
    if (task.surface == Surface::tiktak) return tiktak_lane(task.organization);
    if (task.surface == Surface::qron) return qron_lane(task.organization);
    if (task.kind == TaskKind::cron && task.overlap == Overlap::queue) return lane_of(task.id, overlap_name);
    return 0;
}

std::optional<Timer> first_timer(const Task& task) {
    if (task.kind == TaskKind::once) return timer_of(task, task.id, *task.scheduled_at, Cause::create);
    if (!task.enabled || !task.next_run_at) return std::nullopt;
    Timer beat = timer_of(task, task.id, *task.next_run_at, Cause::schedule);
    beat.kind = Timer::Kind::beat;
    return beat;
}

Execution unsent(const Timer& run, int task_version, Status status, Timestamp now) {
    return {.id = run.id,
            .task = run.task,
            .organization = run.organization,
            .first = run.first,
            .attempt = run.attempt,
            .deliveries = 0,
            .task_version = task_version,
            .cause = run.cause,
            .status = status,
            .scheduled_for = run.scheduled_for,
            .finished_at = now};
}

Timer trigger_timer(const Task& task, Id id, Timestamp now) { return timer_of(task, id, now, Cause::trigger); }

}  // namespace punkt

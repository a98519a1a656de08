// What a task waits for: its timers. Pure.
#pragma once

#include <optional>

#include "core/execution.h"
#include "core/task.h"

namespace punkt {

/// The lane of a task's runs: its queue; for TikTak's schedules and for Qron's jobs one lane per organization each; for
/// `overlap: queue` one of the task's own; otherwise none.
Lane lane_of(const Task& task);
/// The lanes of an organization with a concurrency other than 1: TikTak's (tiktak.md §6) and Qron's (qron.md §6).
Lane tiktak_lane(Id organization);
Lane qron_lane(Id organization);

/// The first attempt of a one-time task, or the beat of an enabled cron task. Nothing when it waits for nothing. The
/// task has its id.
std::optional<Timer> first_timer(const Task& task);

/// The record of a run that ended without having been sent.
Execution unsent(const Timer& run, int task_version, Status status, Timestamp now);

/// A run besides the schedule, due at `now`, as execution `id`.
Timer trigger_timer(const Task& task, Id id, Timestamp now);

}  // namespace punkt

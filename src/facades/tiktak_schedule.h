// From a TikTak request to a task. Pure. Source: contract tiktak.md §3, §5, §6.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "core/task.h"
#include "rooms/tasks/task_rules.h"

namespace punkt::tiktak {

/// A task for the schedule `id`; `retries` is TIKTAK_RETRIES. Errors: `invalid` with fields in the contract's order.
Result<Task> task_from(std::string_view id, json::Value body, const tasks::Rules& rules, int retries, Timestamp now);

/// A PUT that changes nothing of a cron schedule keeps its next run.
bool is_same_cron(const Task& stored, const Task& asked);

}  // namespace punkt::tiktak

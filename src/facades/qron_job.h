// What a Qron job is: from the request to a task, and from a task's executions to the job's state. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "core/execution.h"
#include "core/task.h"
#include "rooms/tasks/task_rules.h"

namespace punkt::qron {

struct Job {
    Task task;
    std::string data;  // JSON: {"url","payload","method","headers"}, secret header values masked
};

/// Errors: `invalid` with the messages of qron.md §3, in its order.
Result<Job> job_from(json::Value body, const tasks::Rules& rules, bool backoff_is_fixed, Timestamp now);

/// All that is known of a job. `executions`: finished attempts, oldest first, with answers. `timer`: what waits.
struct View {
    std::int64_t seq = 0;
    Timestamp created_at{};
    std::string data;
    std::vector<Execution> executions;
    std::optional<Timer> timer;
    bool is_running = false;
    Milliseconds timeout{};
};

/// The answer of GET /schedule/:id.
std::string view_text(const View& view, Timestamp now);

}  // namespace punkt::qron

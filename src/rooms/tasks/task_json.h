// Tasks and executions as the native API shows them. Source: runlater-api.md §2.1, §2.8.
#pragma once

#include "base/id.h"
#include "base/json.h"
#include "core/execution.h"
#include "core/task.h"
#include "store/follow_up_list.h"

namespace punkt::tasks {

void write_task(json::Writer& writer, const Task& task, const PublicIds& ids);

/// What the list of executions shows.
void write_execution(json::Writer& writer, const Execution& execution, const PublicIds& ids);
/// A pending or running one.
void write_timer(json::Writer& writer, const Timer& timer, bool is_running, const PublicIds& ids);

/// One execution in full: the request as it was sent, the answer, where the time went, and what it caused. `task` is
/// the version that was sent; nothing when it is no longer known, then the body is missing.
void write_execution_in_full(json::Writer& writer, const Execution& execution, const Task* task,
                             const std::vector<store::FollowUp>& follow_ups, const PublicIds& ids);

}  // namespace punkt::tasks

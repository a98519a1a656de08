// What the queue that a task names has to say about it.
#pragma once

#include "api/field_reader.h"
#include "core/task.h"
#include "rooms/tasks/task_rules.h"

namespace punkt::tasks {

/// Notes a name that no queue can have: names that begin with a control character are Punkt's own.
void check_queue_name(api::FieldReader& fields, const Task& task);

/// A new task, or one that was moved, enters its queue: it gets the queue's priority unless it names one.
/// Errors: `conflict`, code queue_draining.
Result<void> enter_queue(Task& task, bool names_priority, const Rules& rules);

}  // namespace punkt::tasks

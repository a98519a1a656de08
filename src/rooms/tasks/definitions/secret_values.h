// Secrets of tasks on their way through a file: an export shows a mask, an import puts back what the task has. Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "core/task.h"

namespace punkt::tasks {

/// Headers and URLs that hold secrets (core/secrets.h) show the mask instead. Bodies are not looked into.
void hide_secrets(Task& task);

/// What `task` has a mask for becomes what `before` has there; nothing: there is no such task. What cannot be put back
/// is wrong.
std::vector<FieldError> restore_secrets(Task& task, const Task* before);

}  // namespace punkt::tasks

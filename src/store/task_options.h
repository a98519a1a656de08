// The part of a task that SQL never filters on, as one compact JSON object: column `options` of `task`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/task.h"

namespace punkt::store {

/// Whatever differs from its default; empty when nothing does, so that a plain task stores no JSON.
std::string options_text(const Task& task);

/// Sets what `text` says; the rest of `task` stays. Unknown members are skipped: a newer version may have written them.
/// Errors: `internal` when it is no JSON object.
Result<void> read_options(std::string_view text, Task& task);

}  // namespace punkt::store

// The `key` of a task: the user's own name for it, by which sync, import and scripts find it again.
#pragma once

#include "api/field_reader.h"
#include "base/id.h"
#include "core/task.h"

namespace punkt::tasks {

constexpr std::size_t key_characters_max = 255;

/// Reads `key`; null clears it, absent leaves it. That nobody else has it, the store checks.
void read_key(api::FieldReader& fields, Task& task);

/// The error with the id of the task that has the key as the API shows it, when that is what it tells; else unchanged.
Error with_public_winner(Error error, const PublicIds& ids);

}  // namespace punkt::tasks

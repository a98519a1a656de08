// `tags` and `metadata` of a task: what users find it by.
#pragma once

#include <vector>

#include "api/context.h"
#include "api/field_reader.h"
#include "core/task.h"

namespace punkt::tasks {

/// Reads both; null clears, absent leaves. At most 20 tags of 64 characters; an object of at most 4 KB and 50 members.
void read_labels(api::FieldReader& fields, Task& task);

void write_labels(json::Writer& writer, const Task& task);

/// The labels (store/task_labels.h) that the query asks for: `tag=urgent`, `metadata.customer=42`.
std::vector<std::string> wanted_labels(const api::Context& context);

}  // namespace punkt::tasks

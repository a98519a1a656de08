// The `retry` object of a task, in and out. Source: contract/README.md "Retries".
#pragma once

#include <optional>

#include "api/field_reader.h"
#include "core/task.h"

namespace punkt::tasks {

/// Reads {"strategy","initial_ms","factor","max_ms","ladder_ms","jitter","on"} into `policy`; null clears it; absent
/// leaves it. `on` is a list of "transport", "timeout", "assertion", statuses ("429"), classes ("5xx") and ranges
/// ("500-599"); absent means everything.
void read_retry(api::FieldReader& fields, std::optional<RetryPolicy>& policy);

/// The same object, or null.
void write_retry(json::Writer& writer, const std::optional<RetryPolicy>& policy);

}  // namespace punkt::tasks

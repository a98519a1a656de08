// `dedupe`, `debounce` and `throttle` of a create request: what keeps it from running more often than wanted.
#pragma once

#include <optional>

#include "api/field_reader.h"
#include "core/once.h"

namespace punkt::tasks {

/// Nothing when the request has none of them. What is wrong is noted: more than one of them, beside `cron`, a debounce
/// beside a time of its own, a key or a duration that is missing or too long.
std::optional<OnceRule> read_once(api::FieldReader& fields);

}  // namespace punkt::tasks

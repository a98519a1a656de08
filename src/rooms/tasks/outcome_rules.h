// Rules of the fields that say what success is and when it is too late: expected_*, max_latency_ms, expires_at.
#pragma once

#include "api/field_reader.h"
#include "core/task.h"

namespace punkt::tasks {

constexpr std::size_t regex_bytes_max = 1'024;
constexpr std::size_t expected_json_count_max = 20;
constexpr std::size_t json_path_bytes_max = 256;
constexpr std::size_t json_value_bytes_max = 1'024;

/// Reads expected_status_codes, expected_body_pattern, expected_body_regex, expected_json ({path: value}) and
/// max_latency_ms; what contradicts the method or the timeout is refused by name. null clears a field, absent leaves
/// it.
void read_assertions(api::FieldReader& fields, Task& task);

/// Reads expires_at (an instant) or expires_in (a duration after the scheduled time). Only for one-time tasks, after
/// their time is known.
void read_expiry(api::FieldReader& fields, Task& task, Timestamp now);

/// The members of a task's JSON that belong to these rules, after its status codes and its body pattern.
void write_outcome_fields(json::Writer& writer, const Task& task);

}  // namespace punkt::tasks

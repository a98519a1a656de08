// `limit` and `limits` of a task: what it shares with others that name the same key.
#pragma once

#include "api/field_reader.h"
#include "base/json.h"
#include "core/task.h"

namespace punkt::tasks {

constexpr std::size_t key_limits_max = 8;
constexpr std::size_t limit_key_bytes_max = 255;
constexpr int limit_concurrency_max = 100'000;

/// Reads `limit` (one object, or a list) or `limits` (a list) into the task; null or an empty list clears them, absent
/// leaves them. Each is {"key", "concurrency", "rate"} with at least one of the last two.
/// Errors: `invalid` naming the field, also when both names are given.
void read_limits(api::FieldReader& fields, Task& task);

/// [{"key","concurrency","rate"}]
void write_limits(json::Writer& writer, const std::vector<KeyLimit>& limits);

}  // namespace punkt::tasks

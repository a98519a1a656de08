// The fields that say when a task runs, as a request spells them. Source: runlater-api.md §2.3.
#pragma once

#include <string_view>

#include "api/field_reader.h"
#include "base/clock.h"
#include "base/result.h"

namespace punkt::tasks {

/// Two spellings of one field: the value of whichever is there. Both and different: an error under both names.
json::Value either(api::FieldReader& fields, std::string_view name, std::string_view alias);

/// Present, neither null nor false: such a key chooses the mode of a create request.
bool decides(json::Value value);

/// RFC 3339 with any offset, or epoch milliseconds. Errors: `invalid` with code invalid_run_at (400).
Result<Timestamp> read_instant(json::Value value);

/// Positive seconds or a text such as "30s", "5m", "2h", "1d", at most limits::delay_max. Errors: `invalid` with code
/// invalid_delay (400).
Result<Milliseconds> read_delay(json::Value value);

/// The same for the field `name` of an object; nothing when it is absent, and when it is wrong, which is noted under
/// `shown` ("dedupe.window"), also when it is longer than `max`.
std::optional<Milliseconds> read_duration(api::FieldReader& fields, json::Value object, std::string_view name,
                                          std::string_view shown, Milliseconds max);

}  // namespace punkt::tasks

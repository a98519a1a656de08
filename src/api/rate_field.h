// A rate in JSON: "10/s", or {"count": 10, "period": "1m", "burst": 3}.
#pragma once

#include <optional>
#include <string_view>

#include "api/field_reader.h"
#include "core/queue.h"

namespace punkt::api {

/// Reads `value`, which stands in the field `name`. Nothing, and noted in `fields`, when it is wrong. `period` is a
/// duration as text or whole seconds, `period_ms` the same in milliseconds; without either it is a second. `burst` is 1
/// unless given.
std::optional<Rate> read_rate(FieldReader& fields, std::string_view name, json::Value value);

/// {"count","period_ms","burst"} or null.
void write_rate(json::Writer& writer, const std::optional<Rate>& rate);

}  // namespace punkt::api

// One field of a cron expression: its items, read into sets. Internal to core/cron*.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "core/cron_fields.h"

namespace punkt {

enum class CronField { second, minute, hour, day, month, weekday, year };

/// Adds what `text` says to the sets of `fields`. Errors: `invalid`, naming the field, the value and what is allowed.
Result<void> parse_cron_field(CronFields& fields, CronField field, std::string_view text, CronOptions options);

/// Whether the field stands for "any", perhaps with a step: what Vixie's cron calls a star.
inline bool is_starred(std::string_view field_text) {
    return field_text.starts_with('*') || field_text.starts_with('?');
}

}  // namespace punkt

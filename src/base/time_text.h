// Times and durations as text: RFC 3339 in and out, "5m" in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace punkt {

/// "2026-01-01T00:00:00Z": whole seconds, cut not rounded.
std::string to_text_seconds(Timestamp at);
/// "2026-01-01T00:00:00.123Z"
std::string to_text_ms(Timestamp at);
/// RFC 3339 with any offset or Z; 't' and ' ' for 'T' too; a leap second reads as the following second; fractions are
/// cut to milliseconds; years 1970 to 9999. Nothing when it is none.
std::optional<Timestamp> parse_rfc3339(std::string_view text);
/// `^\d+(s|m|h|d)$` with a value above 0 and at most limits' 100 years. Nothing otherwise.
std::optional<Milliseconds> parse_duration(std::string_view text);
/// Retry-After: positive whole seconds, or an IMF-fixdate after `now`. Nothing otherwise (execution.md §7).
std::optional<Milliseconds> parse_retry_after(std::string_view text, Timestamp now);

}  // namespace punkt

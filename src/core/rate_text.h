// Rates as people write them: "10/s".
#pragma once

#include <string_view>

#include "base/result.h"
#include "core/queue.h"

namespace punkt {

constexpr int rate_count_max = 1'000'000;
constexpr Milliseconds rate_period_min{1'000};
constexpr Milliseconds rate_period_max{24 * 3'600'000};

/// "<count>/<period>", the period being s, m, h, d or a number of them ("5/10s"). The burst is 1.
/// Errors: `invalid` with what is expected, also for a count or a period out of its range.
Result<Rate> parse_rate(std::string_view text);

}  // namespace punkt

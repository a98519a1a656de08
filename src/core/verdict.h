// What an answer means: success, try again at t, or failed. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "core/execution.h"
#include "core/http.h"
#include "core/task.h"

namespace punkt {

struct Verdict {
    Status status = Status::success;                   // success, failed or timeout
    std::string error = {};                            // execution.md §5.2; empty on success
    std::optional<Timestamp> retry_at = std::nullopt;  // nothing: this was the last attempt
};

/// Judges attempt `attempt` (1 for the first try) of a run of `task`. `standard` is the policy of tasks that name none.
/// 410 and `punkt-no-retry: 1` end the run; Retry-After on 429 and 503 replaces the delay, at most 1 h.
/// Errors: none.  Threads: any.  Source: contract "Retries", "4xx"; execution.md §5.2, §6.
Verdict judge(const Task& task, const Answer& answer, int attempt, const RetryPolicy& standard, Timestamp now,
              Random& random);

/// The first and last status of "404", "2xx" or "200-299"; nothing when `text` is none of these.
std::optional<std::pair<int, int>> status_range(std::string_view text);

/// Whether `code` is in `list` ("200, 404", "2xx", "200-299"); an empty list means any 2xx. `list` must be valid.
bool status_expected(std::string_view list, int code);

/// Errors: `invalid` naming the part that is no status, range or class between 100 and 599.
Result<void> check_status_list(std::string_view list);

}  // namespace punkt

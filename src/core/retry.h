// When a failed attempt is tried again. Pure.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "core/task.h"

namespace punkt {

/// The policy of tasks that name none: contract "Retries". `base` is PUNKT_RETRY_BASE_MS.
RetryPolicy standard_retry_policy(Milliseconds base);

/// How long to wait after failed attempt `attempt` (1 for the first try), jitter included. At least 1 ms, at most
/// `policy.max` plus jitter.
/// Errors: none; attempt < 1 aborts.  Threads: any.
Milliseconds retry_delay(const RetryPolicy& policy, int attempt, Random& random);

}  // namespace punkt

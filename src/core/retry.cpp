#include "core/retry.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace punkt {
namespace {

double delay_ms(const RetryPolicy& policy, int attempt) {
    const auto initial = static_cast<double>(policy.initial.count());
    const auto k = static_cast<double>(attempt);
    switch (policy.strategy) {
        case RetryPolicy::Strategy::standard:
            return (k + 1) * (k + 1) * initial;
        case RetryPolicy::Strategy::exponential:
            return initial * std::pow(policy.factor, k - 1);
        case RetryPolicy::Strategy::linear:
            return initial * k;
        case RetryPolicy::Strategy::fixed:
            return initial;
        case RetryPolicy::Strategy::qron:
            return initial * (std::pow(2.0, k) - 1);  // qron.md §6
        case RetryPolicy::Strategy::ladder: {
            if (policy.ladder.empty()) return initial;
            const auto step = std::min(static_cast<std::size_t>(attempt) - 1, policy.ladder.size() - 1);
            return static_cast<double>(policy.ladder[step].count());
        }
    }
    return initial;
}

}  // namespace

RetryPolicy standard_retry_policy(Milliseconds base) { return {.initial = base}; }

Milliseconds retry_delay(const RetryPolicy& policy, int attempt, Random& random) {
    check(attempt >= 1, "attempts count from 1");
    double delay = std::min(delay_ms(policy, attempt), static_cast<double>(policy.max.count()));
    delay *= 1.0 + policy.jitter * (2.0 * random.unit() - 1.0);
    return Milliseconds{std::max<std::int64_t>(1, std::llround(delay))};
}

}  // namespace punkt

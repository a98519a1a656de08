// How many calls a host takes at once, found by trying: more while it answers as fast as it can, fewer when it gets
// slow or fails. Additive increase, multiplicative decrease, on the latency's ratio to what the host can do.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace punkt::engine {

struct AdaptiveOptions {
    bool is_on = false;
    int min = 1;  // never fewer at once
    int max = 1'000;
    int start = 10;          // for a host that nothing is known of
    double tolerance = 2.0;  // so many times the latency without load is still fast
};

/// Threads: one.
class AdaptiveLimit {
  public:
    explicit AdaptiveLimit(AdaptiveOptions options)
        : options_(options), limit_(std::clamp(options.start, options.min, options.max)) {}

    int limit() const { return static_cast<int>(limit_); }
    /// The latency of a host without load, as it has shown itself; 0 when it has not.
    Microseconds floor() const { return Microseconds{static_cast<std::int64_t>(floor_us_)}; }
    /// A call that started at `started` and was answered now, both steady; `out` calls were out with it. Many calls
    /// that meet the same trouble are one: only those that started after the last decrease cause another.
    void answered(bool is_well, Microseconds started, Microseconds now, int out);

  private:
    AdaptiveOptions options_;
    double limit_;
    double floor_us_ = 0;
    Microseconds decreased_at_{-1};
};

}  // namespace punkt::engine

#include "engine/adaptive_limit.h"

namespace punkt::engine {
namespace {

constexpr double decrease = 0.75;
/// How fast the floor follows a host that has become slower for good: by this share of the difference with each answer.
/// Only while the limit is at its least may it rise, else the load would pass for the host's nature.
constexpr double drift = 0.1;

}  // namespace

void AdaptiveLimit::answered(bool is_well, Microseconds started, Microseconds now, int out) {
    const auto took = static_cast<double>(std::max<std::int64_t>((now - started).count(), 1));
    const bool is_fast = floor_us_ == 0 || took <= floor_us_ * options_.tolerance;
    if (is_well && (floor_us_ == 0 || took < floor_us_))
        floor_us_ = took;
    else if (is_well && limit() <= options_.min)
        floor_us_ += (took - floor_us_) * drift;
    if (is_well && is_fast) {
        // Only what is used can grow: a limit that nobody reaches says nothing.
        if (2 * out >= limit()) limit_ = std::min<double>(options_.max, limit_ + 1.0 / limit_);
        return;
    }
    if (started < decreased_at_) return;
    limit_ = std::max<double>(options_.min, limit_ * decrease);
    decreased_at_ = now;
}

}  // namespace punkt::engine

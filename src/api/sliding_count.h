// How often something happened in the last minute or hour: a window that slides.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace punkt::api {

/// Never more than what happened in any `period` is told, and what happened is counted until it is older: what happened
/// within the same sixtieth of the period is forgotten together, with the latest of it. So a limit on used() holds for
/// every stretch of a period, and not only for whole ones. 16 bytes for each sixtieth in which anything happened (the
/// engine's RateWindow is finer and keeps a bucket too, at ten times the memory: callers are more than queues).
/// Times are steady and never go back. Threads: one.
class SlidingCount {
  public:
    explicit SlidingCount(Microseconds period) : period_(period) {}

    void forget(Microseconds now);
    void add(Microseconds now);
    /// After forget(now).
    std::int64_t used() const { return used_; }
    /// Until fewer than `limit` are counted, `limit` ≥ 1; with fewer already, until any is forgotten; without any 0.
    Microseconds wait(std::int64_t limit, Microseconds now) const;
    /// Nothing is counted any more.
    bool is_over(Microseconds now) const { return slots_.empty() || slots_.back().last + period_ <= now; }

  private:
    struct Slot {
        Microseconds last{};
        std::uint32_t count = 0;
    };
    std::int64_t sixtieth(Microseconds at) const { return at.count() / (period_.count() / 60); }

    Microseconds period_;
    std::int64_t used_ = 0;
    std::vector<Slot> slots_;  // at most 61, the oldest first
};

}  // namespace punkt::api

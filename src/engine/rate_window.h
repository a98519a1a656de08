// The latest starts of whatever shares one rate: a lane, a key. Exact for any period, not only for whole ones.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "core/queue.h"

namespace punkt::engine {

/// At most `count` starts in any period (a sliding window), and `burst` of them at once (a bucket that fills again by
/// one every period / count). Times are steady. Threads: the engine's.
class RateWindow {
  public:
    /// How long until one more may start, when `reserved` others that have not started yet go before it; 0: now.
    Microseconds wait(const Rate& rate, Microseconds now, int reserved = 0) const;
    /// One starts, or did at `at`, no earlier than those before.
    void started(const Rate& rate, Microseconds at);
    /// One started at `at` in an earlier life, no earlier than those before, and counts for `period` at least.
    void remember(Microseconds at, Microseconds period);
    /// Nothing in it counts any more.
    bool is_over(Microseconds now) const { return marks_.empty() || marks_.back().last + kept_ <= now; }

  private:
    // Memory is bounded: of a rate above so many, those close together count as the last of them. That makes it wait a
    // little longer (period / marks_max), never start too many.
    static constexpr int marks_max = 256;
    static constexpr Microseconds always = Microseconds::min() / 2;
    struct Mark {
        Microseconds first{};
        Microseconds last{};
        int count = 0;
    };
    static Microseconds interval(const Rate& rate);
    static Microseconds fill(Microseconds full_at, const Mark& mark, const Rate& rate);
    Microseconds window_wait(const Rate& rate, Microseconds now, int reserved) const;
    Microseconds bucket_full_at(const Rate& rate) const;

    std::vector<Mark> marks_;        // oldest first
    Microseconds kept_{0};           // the longest period that was asked of it
    Rate rate_ = {};                 // the latest one; full_at_ belongs to it
    Microseconds full_at_ = always;  // when the bucket is full again
};

/// What shares a rate or slots: a lane, or a key of an organization.
using Scope = std::uint64_t;

/// The windows of all scopes. Those that are over are forgotten. Threads: the engine's.
class Rates {
  public:
    Microseconds wait(Scope scope, const Rate& rate, Microseconds now, int reserved) const;
    void started(Scope scope, const Rate& rate, Microseconds at);
    void remember(Scope scope, Microseconds at, Microseconds period);
    std::size_t size() const { return windows_.size(); }

  private:
    static constexpr std::size_t tidy_first = 1'000;
    std::unordered_map<Scope, RateWindow> windows_;
    std::size_t tidy_at_ = tidy_first;
};

}  // namespace punkt::engine

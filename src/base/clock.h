// Time as a port. Wall time decides what is due; steady time measures durations.
#pragma once

#include <chrono>

namespace punkt {

using Milliseconds = std::chrono::milliseconds;
using Microseconds = std::chrono::microseconds;
/// Wall time, UTC, whole milliseconds: the resolution of everything that is stored.
using Timestamp = std::chrono::sys_time<Milliseconds>;

class Clock {
  public:
    virtual ~Clock() = default;
    /// Wall time. May jump in both directions; never use a difference of two as a duration.
    virtual Timestamp now() const = 0;
    /// Steady time since an arbitrary start. Never goes back.
    virtual Microseconds elapsed() const = 0;
};

/// The machine's clocks. The only place that reads them (scripts/tidy.py watches). Threads: any.
class SystemClock final : public Clock {
  public:
    Timestamp now() const override;
    Microseconds elapsed() const override;
};

constexpr std::int64_t to_ms(Timestamp at) { return at.time_since_epoch().count(); }
constexpr Timestamp from_ms(std::int64_t ms) { return Timestamp{Milliseconds{ms}}; }

}  // namespace punkt

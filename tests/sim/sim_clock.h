// Virtual time.
#pragma once

#include "base/clock.h"

namespace punkt::sim {

class SimClock final : public Clock {
  public:
    explicit SimClock(Timestamp start) : wall_at_zero_(start) {}
    Timestamp now() const override { return wall_at_zero_ + std::chrono::floor<Milliseconds>(elapsed_); }
    Microseconds elapsed() const override { return elapsed_; }

    void advance_to(Microseconds elapsed) { elapsed_ = elapsed; }
    /// Somebody sets the wall clock.
    void jump(Milliseconds by) { wall_at_zero_ += by; }

  private:
    Timestamp wall_at_zero_;
    Microseconds elapsed_{0};
};

}  // namespace punkt::sim

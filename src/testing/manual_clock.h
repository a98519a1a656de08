// A clock that is set by hand.
#pragma once

#include "base/clock.h"

namespace punkt::testing {

class ManualClock final : public Clock {
  public:
    /// 2027-01-15T08:00:00Z unless told otherwise: the start of an hour, far from any change of a clock.
    explicit ManualClock(Timestamp now = from_ms(1'800'000'000'000)) : now_(now) {}

    Timestamp now() const override { return now_; }
    Microseconds elapsed() const override { return elapsed_; }

    /// Time passes.
    void advance(Milliseconds by) {
        now_ += by;
        elapsed_ += by;
    }
    /// Somebody sets the wall clock; no time passes.
    void jump(Milliseconds by) { now_ += by; }

  private:
    Timestamp now_;
    Microseconds elapsed_{0};
};

}  // namespace punkt::testing

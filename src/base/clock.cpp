#include "base/clock.h"

namespace punkt {

Timestamp SystemClock::now() const { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

Microseconds SystemClock::elapsed() const {
    return std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace punkt

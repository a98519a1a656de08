// What started under a rate, noted so that it counts on after a crash.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace punkt::store {

/// A start that counts in a rate until its period is over.
struct RateStart {
    std::uint64_t scope = 0;  // a lane or a key; the engine's number
    Timestamp at{};
    Timestamp until{};
};

/// Threads: the engine's.
class StartNotes {
  public:
    virtual ~StartNotes() = default;
    virtual void note(const RateStart& start) = 0;
    /// Those of earlier lives that may still count, the oldest first.
    virtual std::vector<RateStart> noted() const = 0;
};

}  // namespace punkt::store

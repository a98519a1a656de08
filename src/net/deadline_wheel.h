// Many deadlines under one timer: coarse, so that setting and clearing one costs a few nanoseconds.
#pragma once

#include <array>
#include <cstddef>

#include "base/clock.h"
#include "net/ring_link.h"

namespace punkt::net {

/// Something that ends at a moment. Lives in its owner and takes itself off the wheel when it is destroyed.
class Deadline : private RingLink {
  public:
    virtual ~Deadline() { clear(); }
    /// Called once, by DeadlineWheel::turn(); the deadline is off the wheel by then.
    virtual void passed() = 0;
    bool is_set() const { return !alone(); }
    void clear();

  private:
    friend class DeadlineWheel;
    std::size_t* count_ = nullptr;  // of the wheel
    Microseconds at_{};
};

/// A ring of slots. A deadline further away than the ring is wide is looked at once a turn.
/// Threads: one. passed() comes up to `slot_width` late, plus the lateness of turn().
/// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 6.
class DeadlineWheel {
  public:
    static constexpr Microseconds slot_width{8'000};

    explicit DeadlineWheel(Microseconds now) : slot_(now / slot_width) {}
    DeadlineWheel(const DeadlineWheel&) = delete;
    DeadlineWheel& operator=(const DeadlineWheel&) = delete;

    /// A deadline that is already set moves.
    void set(Deadline& deadline, Microseconds at);
    bool empty() const { return count_ == 0; }
    /// Calls passed() of what is due at `now`. A passed() may set, clear and destroy any deadline.
    void turn(Microseconds now);
    /// Calls passed() of all.
    void turn_to_end();

  private:
    static constexpr std::size_t slots = 1024;
    void pass(RingLink& list, Microseconds now);
    RingLink& list_of(std::int64_t slot) { return ring_[static_cast<std::size_t>(slot) % slots]; }

    std::array<RingLink, slots> ring_;
    std::size_t count_ = 0;
    std::int64_t slot_;  // since the clock's start: those before are done
};

}  // namespace punkt::net

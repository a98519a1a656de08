// Whether a target host may be called: one host's failures, blocks and recovery, as a pure state machine.
// Source: execution.md §7, with what "Punkt goes beyond" there says.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "base/clock.h"
#include "core/http.h"

namespace punkt::engine {

/// What an answer says about the host that gave it.
struct HostVerdict {
    enum class Kind { well, failed, nothing };
    Kind kind = Kind::well;
    /// 429, or 503 with Retry-After: the host asked to be left alone, for so long if it said.
    bool asks_for_rest = false;
    std::optional<Milliseconds> rest = std::nullopt;
    std::string reason = {};  // "HTTP 503", "timeout"; empty when it is well
};

/// Failed: a status of 500 and more, a timeout, or no usable answer. Nothing: the host was not reached for a reason of
/// our own. Everything else is well, 429 too: it has its own effect.
HostVerdict judge_host(const Answer& answer, Timestamp now);

struct BreakerOptions {
    /// The first block after `failures_max` failures in a row; the following are twice, four times and ten times as
    /// long. A host that asks for rest without saying for how long gets twice this.
    Milliseconds base{30'000};
};

/// Threads: one.
class Breaker {
  public:
    static constexpr int failures_max = 3;
    /// No block lasts longer, and a host that recovers is fully open when it has answered so many calls at once.
    static constexpr Milliseconds block_max{3'600'000};
    static constexpr int ramp_max = 64;

    /// What outlives a restart.
    struct Saved {
        int failures = 0;   // in a row
        int blocks = 0;     // by failures, in a row
        Timestamp until{};  // the epoch: never blocked since it was well
        std::string reason = {};
        bool operator==(const Saved&) const = default;
    };
    enum class State { closed, blocked, half_open };

    explicit Breaker(BreakerOptions options) : options_(options) {}
    /// As it was before a restart.
    Breaker(BreakerOptions options, Saved saved) : options_(options), saved_(std::move(saved)) {
        if (saved_.until != Timestamp{}) ramp_ = 1;
    }

    /// Call before asking: the wall clock may have stepped back, and no block is longer than block_max from now.
    void look(Timestamp now) {
        saved_.until = std::min(saved_.until, now + block_max);
        blocked_at_ = std::min(blocked_at_, now);
    }
    State state(Timestamp now) const;
    /// How many calls may be out at once; nothing: no limit. 0 while blocked; after that one, and with each good answer
    /// one more, so that their number doubles while all is well.
    std::optional<int> room(Timestamp now) const;
    const Saved& saved() const { return saved_; }
    /// Nothing is known against the host.
    bool is_clean() const { return ramp_ == 0 && saved_ == Saved{}; }

    /// The answer to a call that started at `started`. What started before the last block began says nothing about
    /// the time after it: its failure does not count, and its success does not open anything early.
    void answered(const HostVerdict& verdict, Timestamp started, Timestamp now);

  private:
    void block(Milliseconds length, const std::string& reason, Timestamp now);

    BreakerOptions options_;
    Saved saved_;
    int ramp_ = 0;            // calls that may be out at once after a block; 0: no limit
    Timestamp blocked_at_{};  // when the last block began
};

}  // namespace punkt::engine

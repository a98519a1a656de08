// May this run start now, and if not, what holds it? The gates in their order, as data, and one pure function over the
// numbers that a run meets. The engine decides with it, and `explain` answers with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"

namespace punkt::engine {

enum class Gate : std::uint8_t {
    paused,
    start_time,
    order,
    concurrency,
    rate,
    key_limits,
    host,
    organization,
    quota,
};
/// In the order in which a run passes them.
constexpr std::array gates = {Gate::paused,     Gate::start_time, Gate::order,        Gate::concurrency, Gate::rate,
                              Gate::key_limits, Gate::host,       Gate::organization, Gate::quota};
const char* word(Gate);  // "start_time"

/// So many of so many are taken.
struct Slots {
    int used = 0;
    int limit = 0;  // 0: no limit
    bool is_full() const { return limit > 0 && used >= limit; }
    bool operator==(const Slots&) const = default;
};

/// A thing that runs share and that lets so many through at once, and the next not before a time.
struct Turnstile {
    std::string_view name = {};  // of a key or a host; for messages
    Slots slots = {};
    Milliseconds wait{0};  // until it lets another one start; 0: it does now
};

/// The numbers that one run meets at one moment. What does not concern it keeps its default.
struct Situation {
    Timestamp now{};
    Timestamp due{};
    bool is_paused = false;
    Id ahead = 0;                          // serial lane: the execution that it must wait for; 0: it is its turn
    Turnstile lane = {};                   // concurrency and rate
    std::span<const Turnstile> keys = {};  // each must let it through
    Turnstile host = {};                   // the breaker, and how many calls the host takes at once
    Slots organization = {};
    std::optional<Timestamp> quota_until = std::nullopt;
};

/// What a gate has against a start.
struct Holding {
    Gate gate = Gate::paused;
    std::string_view name = {};                     // the key or the host
    Id ahead = 0;                                   // gate order
    Slots slots = {};                               // gates that count
    std::optional<Timestamp> until = std::nullopt;  // known beforehand; else it opens when something ends
};

/// What `gate` has against a start now; nothing: it lets the run pass. Of several keys the first that holds.
/// Errors: none.  Threads: any.
std::optional<Holding> holding(Gate gate, const Situation& situation);

/// The first gate in the order of `gates` that holds; nothing: it may start.
std::optional<Holding> first_holding(const Situation& situation);

}  // namespace punkt::engine

// Queues and limits: how much of what may run at once. Plain data; the engine counts, the API checks the fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"

namespace punkt {

/// At most `count` starts in any `period`, after a quiet time `burst` of them at once.
struct Rate {
    int count = 0;
    Milliseconds period{1000};
    int burst = 1;  // 1…count
    bool operator==(const Rate&) const = default;
};

/// A limit that a task shares with all others of its organization that name the same key: "customer:42", "host:a.b".
/// Whoever starts next brings the numbers that hold from then on.
struct KeyLimit {
    std::string key;
    int concurrency = 0;  // 0: no limit
    std::optional<Rate> rate = std::nullopt;
    bool operator==(const KeyLimit&) const = default;
};

/// What a failed attempt does to those behind it in a serial queue:
///   block  they wait until its retries are over (default)
///   park   it waits for its retry beside the queue and joins again when that is due
///   skip   it is not retried
enum class OnFailure : std::uint8_t { block, park, skip };

struct QueueSettings {
    Id organization = 0;
    std::string name;
    bool is_paused = false;    // nothing starts; what is out goes on
    bool is_draining = false;  // what is queued starts, nothing more is taken
    int concurrency = 1;       // 1: serial, in order
    std::optional<Rate> rate = std::nullopt;
    int priority = 5;  // of tasks that name none; 1 first … 10
    OnFailure on_failure = OnFailure::block;
    bool operator==(const QueueSettings&) const = default;
};

const char* word(OnFailure);  // "block"
std::optional<OnFailure> on_failure_from(std::string_view word);

}  // namespace punkt

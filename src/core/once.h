// What keeps tasks that mean the same from running more often than wanted. Plain data; the store decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace punkt {

/// dedupe    the first of a key counts; others are ignored for `span`
/// debounce  the last one counts: it takes the place of the one that waits, and waits `span` anew
/// throttle  at most `count` in any `span` count; others are ignored
enum class OnceKind : std::uint8_t { dedupe = 1, debounce = 2, throttle = 3 };

struct OnceRule {
    OnceKind kind = OnceKind::dedupe;
    std::string key;  // the organization's own
    Milliseconds span{0};
    std::optional<Milliseconds> max_wait = std::nullopt;  // debounce: since the first; nothing: no end
    int count = 1;                                        // throttle
};

/// What became of a task that was asked for.
enum class TakenAs : std::uint8_t { created, replaced, ignored, refused };
const char* word(TakenAs);  // "created"

}  // namespace punkt

// For what cannot be. On in production too: a wrong state must not be written, and a restart is safe.
#pragma once

#include <source_location>
#include <string_view>

namespace punkt {

[[noreturn]] void check_failed(std::string_view why, const std::source_location& where);

/// Ends the process with `why` on stderr when `condition` is false. Threads: any.
inline void check(bool condition, std::string_view why,
                  const std::source_location& where = std::source_location::current()) {
    if (!condition) [[unlikely]]
        check_failed(why, where);
}

}  // namespace punkt

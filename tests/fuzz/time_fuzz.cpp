// Times and durations as text.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/time_text.h"

namespace punkt {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr auto century = std::chrono::hours{24 * 36'500};
    const auto now = from_ms(1'767'225'600'000);

    if (const auto at = parse_rfc3339(text)) {
        check(to_ms(*at) >= 0, "a time before 1970");
        check(parse_rfc3339(to_text_ms(*at)) == at, "a time changes when it is written and read");
        check(parse_rfc3339(to_text_seconds(*at)) == std::chrono::floor<std::chrono::seconds>(*at),
              "seconds are not cut");
    }
    if (const auto duration = parse_duration(text)) {
        check(duration->count() > 0 && *duration <= century, "a duration beyond its bounds");
    }
    if (const auto wait = parse_retry_after(text, now)) {
        check(wait->count() > 0, "a wait into the past");
        check(now + *wait > now, "a wait that overflows");
    }
    return 0;
}

}  // namespace punkt

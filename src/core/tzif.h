// Compiled time zone files (RFC 8536): bytes in, a table of offsets out. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace punkt {

/// When a zone's clock shows what. Two offsets that follow each other differ: every start is a real jump of the clock.
struct ZoneTable {
    std::vector<std::int64_t> starts;  // UTC seconds, ascending
    std::vector<std::int32_t>
        offsets;  // seconds east of UTC; offsets[0] before starts[0], offsets[i + 1] from starts[i]
};

/// The last year whose clock changes are known; later instants keep the last offset.
constexpr int zone_table_last_year = 2200;

/// Reads versions 1 to 4. The rule in the footer is written out up to `zone_table_last_year`, so that "slim" files
/// (which carry nothing else after 2007) and "fat" ones (which stop in 2037) read the same. Errors: `invalid`, what is
/// wrong with the file. Threads: any. Source: RFC 8536 §3, POSIX TZ for the footer.
Result<ZoneTable> parse_tzif(std::string_view bytes);

}  // namespace punkt

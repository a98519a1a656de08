// Backup of a running Punkt, and its way back.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "db/connection.h"

namespace punkt::store {

/// What a database holds; the same before and after a copy.
struct Contents {
    int schema = 0;
    std::int64_t organizations = 0;
    std::int64_t tasks = 0;
    std::int64_t timers = 0;
    std::int64_t executions = 0;
    bool operator==(const Contents&) const = default;
};

/// Copies the database as it is at this moment to one file that stands alone; writers go on meanwhile. The copy is
/// checked (integrity, counts) before it gets its name, and synced.
/// Errors: `conflict` when `file` exists; `full`; those of reading.
Result<Contents> back_up(const db::Location& database, const std::string& file);

/// Puts a backup into the data folder. The backup is checked first; what was there is kept in
/// `<folder>/before-restore-<time>`. Killed at any point, the folder holds the old data or the new.
/// Errors: `conflict` while a Punkt runs on the folder, or for a backup of a newer version; `invalid` for what is no
/// sound backup.
Result<Contents> restore(const std::string& file, const std::string& folder, Timestamp now);

}  // namespace punkt::store

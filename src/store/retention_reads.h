// What a retention pass looks at beside the writer.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "db/connection.h"

namespace punkt::store {

struct TaskVersion {
    Id task = 0;
    std::int64_t number = 0;
};
/// Replaced before `at`, the oldest first, at most `rows`.
Result<std::vector<TaskVersion>> old_versions(db::Connection& connection, Timestamp at, int rows);

/// A stretch of a table by rowid.
struct Stretch {
    std::int64_t until = 0;
    int examined = 0;
    bool has_orphans = false;  // rows whose task is gone
};
/// Of the rows of `table` behind `cursor`, at most `rows`.
Result<Stretch> look_for_orphans(db::Connection& connection, const std::string& table, std::int64_t cursor, int rows);

struct FilePages {
    std::int64_t all = 0;
    std::int64_t unused = 0;
    std::int64_t bytes = 0;  // of one
    std::int64_t stored_bytes() const { return (all - unused) * bytes; }
};
Result<FilePages> file_pages(db::Connection& connection);

}  // namespace punkt::store

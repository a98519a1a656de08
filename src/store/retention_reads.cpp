#include "store/retention_reads.h"

#include <fmt/format.h>

namespace punkt::store {

Result<std::vector<TaskVersion>> old_versions(db::Connection& connection, Timestamp at, int rows) {
    std::vector<TaskVersion> old;
    auto done =
        connection.query("SELECT task, version FROM task_version WHERE replaced_at < $1 ORDER BY replaced_at LIMIT $2",
                         {at, rows}, [&](const db::Row& row) {
                             old.push_back({row.integer(0), row.integer(1)});
                         });
    if (!done) return done.error();
    return old;
}

Result<Stretch> look_for_orphans(db::Connection& connection, const std::string& table, std::int64_t cursor, int rows) {
    Stretch stretch{.until = cursor};
    auto done = connection.query(
        fmt::format("SELECT rowid, NOT EXISTS (SELECT 1 FROM task WHERE task.id = {}.task) FROM {} WHERE rowid > $1 "
                    "ORDER BY rowid LIMIT $2",
                    table, table),
        {cursor, rows}, [&](const db::Row& row) {
            ++stretch.examined;
            stretch.until = row.integer(0);
            stretch.has_orphans = stretch.has_orphans || row.flag(1);
        });
    if (!done) return done.error();
    return stretch;
}

Result<FilePages> file_pages(db::Connection& connection) {
    FilePages pages;
    const auto read = [&](const char* what, std::int64_t& place) -> Result<void> {
        auto number = db::query_number(connection, fmt::format("PRAGMA {}", what));
        if (!number) return number.error();
        place = *number;
        return {};
    };
    if (auto done = read("page_count", pages.all); !done) return done.error();
    if (auto done = read("freelist_count", pages.unused); !done) return done.error();
    if (auto done = read("page_size", pages.bytes); !done) return done.error();
    return pages;
}

}  // namespace punkt::store

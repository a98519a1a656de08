// The SQLite driver. Made by Connection::open.
#pragma once

#include <memory>
#include <string_view>

#include "db/connection.h"

namespace punkt::db {

/// Error::code of what is_fatal() recognises.
constexpr std::string_view storage_failed = "storage_failed";

/// "Pnkt" in the file's header: `file` and restore recognise a database of ours.
constexpr int application_id = 0x506e6b74;

Result<std::unique_ptr<Driver>> open_sqlite(const Location& location, Access access);

/// Errors: `internal` when `version` (3051003 is 3.51.3) is older than 3.51.3, whose checkpoints could damage the
/// database under a concurrent writer (sqlite.org/wal.html, "the WAL-reset bug").
Result<void> check_sqlite_version(int version);

}  // namespace punkt::db

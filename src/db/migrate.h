// Brings a database to this binary's schema: numbered steps, forward only, each in one transaction.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "db/connection.h"

namespace punkt::db {

/// One file of src/db/migrations: "0001_tasks.sql" has number 1 and name "tasks".
struct Migration {
    int number = 0;
    std::string_view name;
    std::string_view sql;
};

/// Those built into this binary, by number.
std::span<const Migration> migrations();

/// The number of the last step that the database has seen; 0 for an empty one. Writes nothing.
Result<int> schema_version(Connection& connection);

/// Runs the steps that are missing. Killed at any point, the next call goes on where it was.
/// Errors: `conflict` when a newer Punkt wrote the database: nothing is changed then.
Result<void> migrate(Connection& connection, Timestamp now, std::span<const Migration> steps = migrations());

/// Errors: that of `migrate` for a database that a newer Punkt wrote.
Result<void> refuse_newer(int version, std::span<const Migration> steps = migrations());

}  // namespace punkt::db

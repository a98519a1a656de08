// Search for a part of a name among millions of tasks: a background chore gathers the names of settled tasks in blocks,
// which are searched as plain memory. Why not FTS5 or an index on names: docs/decisions/0010.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "db/connection.h"

namespace punkt::store {

/// Tasks of one block.
constexpr int name_block_tasks = 500;

/// Gathers the next block of some organization, or drops one whose tasks are all gone. Tasks younger than 15 seconds
/// are left out: their ids may not all be on disk yet. One bounded unit: at most one block, or a look at 100
/// organizations.
class NameGatherer {
  public:
    /// Inside a transaction that writes. True: there is more to do. Threads: one at a time.
    Result<bool> step(db::Connection& connection, Timestamp now);

  private:
    Id organization_ = 0;  // the last one that is done in this pass
};

/// Tasks of the organization whose names have `part` in them, whatever the case of ASCII letters: newest first, older
/// than `before`, at most `limit`. Also some that were deleted since, which the caller leaves out. What is in no block
/// yet is read row by row, the newest rows_examined_max of it.
Result<std::vector<Id>> find_by_name(db::Connection& connection, Id organization, std::string_view part, Id before,
                                     int limit);

/// Part of storing a task anew: its block learns the name. Nothing when it is in none.
Result<void> rename_in_block(db::Connection& connection, Id organization, Id task, std::string_view name);

}  // namespace punkt::store

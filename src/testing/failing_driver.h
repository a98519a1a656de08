// A database whose n-th statement fails: for trying every n.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "db/connection.h"

namespace punkt::testing {

/// Shared by a driver and the test that controls it. Threads: any.
struct FailurePlan {
    std::atomic<int> statements{0};  // seen so far: execute, query, begin, commit, rollback
    std::atomic<int> fail_at{0};     // the statement that fails, counted from 1; 0: none
    Error error{.kind = ErrorKind::internal, .message = "failed on purpose"};
};

/// The database at `location`, for writing, failing as `plan` says.
Result<db::Connection> open_failing(const db::Location& location, std::shared_ptr<FailurePlan> plan);

}  // namespace punkt::testing

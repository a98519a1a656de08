// The follow-ups of an execution: what Punkt did because of it.
#pragma once

#include <string>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

struct FollowUp {
    Id task = 0;
    Purpose purpose = Purpose::callback;
    std::string url;
    Status status = Status::pending;  // pending while a try waits or is out
};

/// Oldest first; at most a hundred.
Result<std::vector<FollowUp>> list_follow_ups(db::Connection& connection, Id organization, Id execution);

}  // namespace punkt::store

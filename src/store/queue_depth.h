// How much waits in which lane. What is pending has no index by lane (it would cost every task of a queue a write at a
// random place), so a count looks at a bounded number of rows and says when that was not all.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "core/execution.h"
#include "db/connection.h"

namespace punkt::store {

/// Runs that wait.
struct Depth {
    std::int64_t due = 0;                        // its time has come
    std::int64_t delayed = 0;                    // later
    std::int64_t retrying = 0;                   // later, and not its first attempt
    std::optional<Timer> oldest = std::nullopt;  // the one that is due first
    std::int64_t total() const { return due + delayed + retrying; }
};

struct Depths {
    std::unordered_map<Lane, Depth> lanes = {};
    bool is_exact = true;  // false: there is more, all of it due later than what was counted
};

constexpr int depth_rows_max = 200'000;
constexpr int depth_tasks_max = 2'000;

struct DepthQuery {
    Id organization = 0;
    std::unordered_set<Id> running = {};  // runs that are out: stored as pending, but they do not wait
    Timestamp now{};
    int tasks_max = depth_tasks_max;
    int rows_max = depth_rows_max;
};

/// Of every lane of an organization: one pass over what is pending, in the order of the due hours.
Result<Depths> count_lanes(db::Connection& connection, const DepthQuery& query);

/// Of one queue: through its tasks when it has few, else as count_lanes.
Result<Depths> count_queue(db::Connection& connection, const DepthQuery& query, std::string_view name);

}  // namespace punkt::store

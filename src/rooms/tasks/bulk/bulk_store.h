// The table bulk_job, and which tasks a filter means.
#pragma once

#include <optional>
#include <vector>

#include "db/connection.h"
#include "rooms/tasks/bulk/bulk_job.h"

namespace punkt::tasks {

Result<void> insert_bulk_job(db::Connection& connection, const BulkJob& job);
/// Nothing when the organization has none of that id.
Result<std::optional<BulkJob>> find_bulk_job(db::Connection& connection, Id organization, Id id);
/// The newest first.
Result<std::vector<BulkJob>> list_bulk_jobs(db::Connection& connection, Id organization, int limit);
/// The oldest one that is running.
Result<std::optional<BulkJob>> next_bulk_job(db::Connection& connection);
/// Waiting ones that can still be confirmed, and running ones.
Result<std::int64_t> count_open_bulk_jobs(db::Connection& connection, Id organization, Timestamp now);
Result<Id> greatest_task(db::Connection& connection, Id organization);

/// Errors: `conflict` when it is not in the status `from` any more.
Result<void> set_bulk_status(db::Connection& connection, Id id, BulkStatus from, BulkStatus to, Timestamp now);
/// Keeps how far a running job is. Errors: `conflict` when it was aborted meanwhile: what goes with it must not happen.
Result<void> keep_bulk_progress(db::Connection& connection, const BulkJob& job);
/// Finished ones and those never confirmed.
Result<void> forget_bulk_jobs(db::Connection& connection, Timestamp before);

struct BulkMatch {
    std::vector<Task> tasks;  // by id
    Id cursor = 0;            // the last task that was looked at
    bool is_complete = false;
};

/// Tasks after `cursor` up to `last_task` that the filter means, at most `limit`. At most `examined_max` are looked at
/// more closely. Tasks of Punkt's own making (Purpose) are never among them.
Result<BulkMatch> match_tasks(db::Connection& connection, Id organization, const BulkFilter& filter, Id cursor,
                              Id last_task, int limit, int examined_max);

/// As match_tasks, but only counted.
struct BulkCount {
    std::int64_t matched = 0;
    std::vector<Task> sample;  // the first ones
};
Result<BulkCount> count_matches(db::Connection& connection, Id organization, const BulkFilter& filter, Id last_task);

}  // namespace punkt::tasks

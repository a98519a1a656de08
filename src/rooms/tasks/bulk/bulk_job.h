// One action on many tasks. Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "core/task.h"
#include "store/task_store.h"

namespace punkt::tasks {

/// What happens to each task that the filter means:
///   retry       one more run now, if its last one failed or timed out and nothing waits
///   cancel      its waiting runs are cancelled
///   delete      it is deleted
///   reschedule  its first run, if that still waits, moves to `run_at`; one-time tasks only
///   move_queue  it goes to the queue `queue`, with what waits
enum class BulkAction : std::uint8_t { retry, cancel, delete_, reschedule, move_queue };
/// waiting: counted, not confirmed. Stored as its number.
enum class BulkStatus : std::uint8_t { waiting, running, done, aborted, failed };

/// All that is given must be true of a task. Texts that are empty and times that are missing say nothing.
struct BulkFilter {
    std::optional<std::string> queue = std::nullopt;  // empty: tasks without a queue ("none" on the wire)
    std::optional<TaskKind> type = std::nullopt;
    std::optional<store::TaskState> status = std::nullopt;
    std::string tag = {};
    std::string name_part = {};                                                            // whatever its case
    std::string host = {};                                                                 // of the URL, in lower case
    std::optional<Timestamp> created_from = std::nullopt, created_until = std::nullopt;    // [from, until)
    std::optional<Timestamp> finished_from = std::nullopt, finished_until = std::nullopt;  // of the last run
};

struct BulkRequest {
    BulkAction action = BulkAction::retry;
    BulkFilter filter = {};
    Timestamp run_at{};      // reschedule
    std::string queue = {};  // move_queue; empty: out of its queue
};

struct BulkJob {
    Id id = 0;
    Id organization = 0;
    BulkStatus status = BulkStatus::waiting;
    std::string request;       // JSON, see bulk_request.h
    std::int64_t matched = 0;  // when it was counted
    Id cursor = 0;             // the last task that was looked at
    Id last_task = 0;          // newer ones are not touched
    std::int64_t changed = 0;
    std::int64_t skipped = 0;  // matched, but there was nothing to do or it could not be done
    std::string error = {};
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// Beside those of base/id.h.
constexpr IdKind bulk_id = static_cast<IdKind>(12);

/// A job that is not confirmed in time is refused: what it counted is no longer so.
constexpr std::chrono::hours bulk_confirm_within{1};
/// Waiting and running ones of an organization.
constexpr int bulk_jobs_open_max = 10;
/// Finished ones can be looked up that long.
constexpr std::chrono::hours bulk_jobs_kept{7 * 24};
constexpr int bulk_sample = 5;

const char* word(BulkAction);  // "delete"
const char* word(BulkStatus);  // "running"
std::optional<BulkAction> bulk_action_from(std::string_view word);

}  // namespace punkt::tasks

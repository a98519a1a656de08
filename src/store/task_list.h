// How a list of tasks is gathered without sorting the whole table. Part of task_store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "store/task_store.h"

namespace punkt::store {

/// What a task did last.
struct LastRun {
    Timestamp at{};
    Status status = Status::success;
};

/// Of a task that has run: from `schedule` for a cron task, else its latest execution.
Result<std::optional<LastRun>> last_run(db::Connection& connection, Id task, TaskKind kind);

/// Gathers the ids of one page.
class TaskList {
  public:
    TaskList(db::Connection& connection, Id organization, const TaskQuery& query);

    /// What the lists look at of a task.
    struct Candidate {
        Id id = 0;
        TaskKind kind = TaskKind::once;
        bool enabled = true;
        Surface surface = Surface::native;
        std::string queue = {};
        std::string name = {};
        std::optional<LastRun> last = std::nullopt;
    };

    Result<void> gather_newest();
    /// Merges three sources: cron tasks, few, sorted in memory by their last run; one-time tasks in the order of the
    /// organization's executions; and at last what never ran.
    Result<void> gather_latest_run();

    std::vector<Candidate> page;
    bool has_more = false;
    Id cursor = 0;
    bool is_newest_instead = false;  // see TaskPage

  private:
    /// Takes it if it passes the filter. False: the page is complete.
    bool offer(const Candidate& candidate);
    bool passes(const Candidate& candidate);
    bool has_pending_run(Id task);
    bool examined_enough();
    Result<bool> gather_small_queue();
    Result<void> offer_sorted(std::vector<Candidate> tasks);
    /// Whether the filter names its tasks by an index of its own: labels, or a part of the name. Their ids are then in
    /// `matching_`.
    Result<bool> find_matching(Id before);
    Result<void> gather_matching();
    Result<std::vector<Candidate>> cron_tasks();
    Result<void> gather_executed(std::vector<Candidate>& cron, std::size_t& next_cron);
    Result<void> gather_never_run();
    std::optional<Candidate> find_candidate(Id task);

    db::Connection& connection_;
    Id organization_;
    const TaskQuery& query_;
    std::string name_part_;
    std::vector<Id> matching_;  // newest first
    std::int64_t skip_;
    int examined_ = 0;
    std::unordered_set<Id> seen_;
    Result<void> failed_;  // of a query inside a query
};

}  // namespace punkt::store

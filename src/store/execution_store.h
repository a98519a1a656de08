// What the API reads about executions: pending ones from `timer`, finished ones from `execution`.
#pragma once

#include <optional>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// Rows looked at for one page. A filter that matches almost nothing ends there with has_more set.
constexpr int rows_examined_max = 100'000;

/// An execution in full, without pending ones. Nothing when the organization has none of that id.
Result<std::optional<Execution>> find_execution(db::Connection& connection, Id organization, Id execution);

/// A pending run by its id.
Result<std::optional<Timer>> find_timer(db::Connection& connection, Id organization, Id execution);

/// Everything a task waits for, its beat included, by due time.
Result<std::vector<Timer>> timers_of_task(db::Connection& connection, Id organization, Id task);

struct ExecutionPage {
    std::vector<Execution> executions;  // without request and response
    bool has_more = false;
    Id cursor = 0;  // for the page after this one
};

struct ExecutionQuery {
    std::optional<Status> status = std::nullopt;
    int limit = limits::page_default;
    std::int64_t offset = 0;
    Id cursor = 0;  // only executions older than this id; 0: from the newest, pending ones first
};

/// Executions of a task, the latest `scheduled_for` first; pending ones (status `pending`, also when they are running)
/// before them. The deleted task's history can still be read.
Result<ExecutionPage> list_executions(db::Connection& connection, Id organization, Id task,
                                      const ExecutionQuery& query);

/// Where a page of an organization's executions ended.
struct FinishedCursor {
    Timestamp finished_at{};
    Id id = 0;
};

struct FinishedPage {
    std::vector<Execution> executions;                  // without request and response
    std::optional<FinishedCursor> next = std::nullopt;  // nothing: this was the last page
};

/// Executions of an organization, the last finished first. `statuses` empty: all. Failed and timed out ones alone are
/// found through an index of their own.
Result<FinishedPage> list_finished(db::Connection& connection, Id organization, const std::vector<Status>& statuses,
                                   int limit, std::optional<FinishedCursor> before = std::nullopt);

/// Pending runs of an organization, the next due first.
Result<std::vector<Timer>> list_pending(db::Connection& connection, Id organization, int limit,
                                        std::int64_t offset = 0);

}  // namespace punkt::store

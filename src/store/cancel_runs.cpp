#include "store/cancel_runs.h"

#include <algorithm>

#include "base/check.h"
#include "store/execution_store.h"
#include "store/rows.h"

namespace punkt::store {

Result<void> CancelRuns::apply(db::Connection& connection) {
    gone_.clear();
    cancelled_ = 0;
    for (const Id task : options_.tasks)
        if (auto done = cancel(connection, task); !done) return done;
    for (const auto& [task, timers] : gone_) cancelled_ += timers.size();
    return {};
}

Result<void> CancelRuns::cancel(db::Connection& connection, Id task) {
    auto timers = timers_of_task(connection, options_.organization, task);
    if (!timers) return timers.error();
    std::erase_if(*timers, [this](const Timer& timer) {
        return timer.kind != Timer::Kind::run ||
               std::find(options_.running.begin(), options_.running.end(), timer.id) != options_.running.end();
    });
    if (timers->empty()) return {};
    auto version = db::query_number(connection, "SELECT version FROM task WHERE id = $1", {task});
    if (!version) return version.error();
    for (const Timer& timer : *timers) {
        auto removed = remove_timer(connection, timer);
        if (!removed) return removed.error();
        check(*removed, "a timer that was just read can be removed");
        auto recorded = insert_execution(connection, {.id = timer.id,
                                                      .task = timer.task,
                                                      .organization = timer.organization,
                                                      .first = timer.first,
                                                      .attempt = timer.attempt,
                                                      .deliveries = 0,
                                                      .task_version = static_cast<int>(*version),
                                                      .cause = timer.cause,
                                                      .status = Status::cancelled,
                                                      .scheduled_for = timer.scheduled_for,
                                                      .finished_at = options_.now});
        if (!recorded) return recorded;
    }
    gone_.emplace_back(task, std::move(*timers));
    return {};
}

void CancelRuns::announce(Announcements& announcements) {
    for (auto& [task, timers] : gone_) announcements.changed(task, std::move(timers), {});
}

}  // namespace punkt::store

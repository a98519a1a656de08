#include "store/cancel_runs.h"

#include <algorithm>

#include "base/check.h"
#include "core/arming.h"
#include "store/execution_store.h"
#include "store/rows.h"

namespace punkt::store {

Result<void> CancelRuns::apply(db::Connection& connection) {
    gone_.clear();
    records_.clear();
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
    StoredTask stored{.id = task};
    auto found = connection.query("SELECT version, surface, queue, name FROM task WHERE id = $1", {task},
                                  [&](const db::Row& row) {
                                      stored.version = row.number(0);
                                      stored.surface = row.as<Surface>(1);
                                      stored.queue = row.string(2);
                                      stored.name = row.string(3);
                                  });
    if (!found) return found.error();
    for (const Timer& timer : *timers) {
        auto removed = remove_timer(connection, timer);
        if (!removed) return removed.error();
        check(*removed, "a timer that was just read can be removed");
        records_.push_back(unsent(timer, stored.version, Status::cancelled, options_.now));
        if (auto recorded = insert_execution(connection, records_.back()); !recorded) return recorded;
    }
    gone_.emplace_back(std::move(stored), std::move(*timers));
    return {};
}

void CancelRuns::tell(Journal& journal) const {
    if (!journal.wants(options_.organization)) return;
    auto record = records_.begin();
    for (const auto& [task, timers] : gone_)
        for (std::size_t i = 0; i < timers.size(); ++i, ++record)
            journal.happened({.type = EventType::execution_cancelled,
                              .organization = options_.organization,
                              .task = task.id,
                              .execution = record->id,
                              .is_system = task.surface == Surface::system,
                              .queue = task.queue,
                              .name = task.name,
                              .record = &*record});
}

void CancelRuns::announce(Announcements& announcements) {
    for (auto& [task, timers] : gone_) announcements.changed(task.id, std::move(timers), {});
}

}  // namespace punkt::store

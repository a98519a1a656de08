// What the API writes about tasks. Ids are made before (IdMaker), so that the answer can name them.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/task.h"
#include "store/write.h"

namespace punkt::store {

/// A new task with what it waits for: the first attempt of a one-time task (timer.id = timer.task = the task's id, due
/// = scheduled_for), or the beat of an enabled cron task (id = the task's, due = task.next_run_at).
struct NewTask {
    TaskPtr task;
    std::optional<Timer> timer = std::nullopt;
};

/// Stores one, inside a transaction.
Result<void> insert_new_task(db::Connection& connection, const NewTask& task);

/// Adds what the task needs of its organization's plan.
void add_to(Demand& demand, const NewTask& one, Timestamp month_end);

/// Rooms that store something beside the task derive from it and extend apply().
class InsertTasks : public Write {
  public:
    /// All or nothing, also for many.
    InsertTasks(std::vector<NewTask> tasks, Done done) : tasks_(std::move(tasks)), done_(std::move(done)) {}
    InsertTasks(NewTask task, Done done) : done_(std::move(done)) { tasks_.push_back(std::move(task)); }

    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override;
    void finished(const Result<void>& result) override { done_(result); }
    Demand demand(Timestamp month_end) const override;
    bool is_hot() const override { return true; }
    std::size_t rows() const override { return 2 * tasks_.size(); }

  private:
    std::vector<NewTask> tasks_;
    Done done_;
};

}  // namespace punkt::store

// What the API changes about tasks that exist: update, delete, trigger, cancel, promote. Each checks the organization;
// what belongs to another one is `not_found`.
//
// The API first asks the engine to hold what it is about to change (engine/inbox.h), so that nothing starts meanwhile.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "store/write.h"

namespace punkt::store {

/// What an edit knows of a task's row without reading all of it.
struct StoredTask {
    Id id = 0;
    int version = 0;
    TaskKind kind = TaskKind::once;
    Surface surface = Surface::native;
    std::string queue = {};
    std::string name = {};
};

struct TaskUpdate {
    /// The whole task as it shall be, with version = the version it was made from + 1, and next_run_at for cron.
    TaskPtr task;
    /// cron: the beat of an enabled task (id = the task's); a stored beat is replaced, and removed when this is
    /// nothing. once: only when its time was changed. A scheduled run that waits is moved to this time; if none waits,
    /// this one is added, and must have a fresh id.
    std::optional<Timer> timer = std::nullopt;
    /// Runs that are out now, as the engine said: they are left as they are.
    std::vector<Id> running = {};
    /// False: the schedule is as it was, and stays whatever the plan says by now.
    bool has_new_schedule = true;
};

/// Keeps the version before. Pending runs follow the task's queue and priority.
/// Errors: `not_found`; `conflict` when somebody else has updated it meanwhile: read it again.
class UpdateTask : public Write {
  public:
    UpdateTask(TaskUpdate update, Done done) : update_(std::move(update)), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override;
    Demand demand(Timestamp) const override {
        Demand demand{.organization = update_.task->organization};
        if (update_.has_new_schedule && update_.task->kind == TaskKind::cron)
            demand.schedules.push_back(update_.task.get());
        return demand;
    }
    void finished(const Result<void>& result) override { done_(result); }

  private:
    Result<void> move_timers(db::Connection& connection, std::vector<Timer> stored, bool was_cron);
    Result<void> keep_schedule(db::Connection& connection, bool was_cron);

    TaskUpdate update_;
    std::vector<Timer> gone_;
    std::vector<Timer> now_;
    Done done_;
};

/// Soft: hidden and without timers from now on, gone after the retention period. All or nothing for many.
/// Errors: `not_found` for a single one; of many, those that are not there are skipped.
class DeleteTasks : public Write {
  public:
    DeleteTasks(Id organization, std::vector<Id> tasks, Timestamp now, Done done)
        : organization_(organization), tasks_(std::move(tasks)), now_(now), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override;
    void finished(const Result<void>& result) override { done_(result); }
    bool may_be_refused() const override { return false; }
    std::size_t rows() const override { return 3 * tasks_.size(); }

  private:
    struct Gone {
        StoredTask task;
        std::vector<Timer> timers;
    };
    Id organization_;
    std::vector<Id> tasks_;
    Timestamp now_;
    std::vector<Gone> gone_;
    Done done_;
};

/// One more run of a task, now or at the timer's time. Errors: `not_found`; those of the plan (Quotas::admit).
class ArmTimer : public Write {
  public:
    ArmTimer(Timer timer, Done done) : timer_(timer), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void announce(Announcements& announcements) override { announcements.armed(timer_); }
    void finished(const Result<void>& result) override { done_(result); }
    Demand demand(Timestamp month_end) const override {
        return {.organization = timer_.organization, .runs = timer_.attempt == 1 && timer_.due < month_end ? 1 : 0};
    }

  private:
    Timer timer_;
    Done done_;
};

/// A pending run that shall not happen: an execution with status `cancelled` stands for it.
/// Errors: `not_found`; `conflict` when it has ended already.
class CancelExecution : public Write {
  public:
    CancelExecution(Id organization, Id execution, Timestamp now, Done done)
        : organization_(organization), execution_(execution), now_(now), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override { announcements.changed(gone_.task, {gone_}, {}); }
    void finished(const Result<void>& result) override { done_(result); }
    bool may_be_refused() const override { return false; }

  private:
    Id organization_;
    Id execution_;
    Timestamp now_;
    Timer gone_;
    StoredTask task_;
    Execution record_;
    Done done_;
};

/// A pending run becomes due now; what it was scheduled for stays. Errors: as CancelExecution.
class PromoteExecution : public Write {
  public:
    PromoteExecution(Id organization, Id execution, Timestamp now, Done done)
        : organization_(organization), execution_(execution), now_(now), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void announce(Announcements& announcements) override {
        if (before_.due != after_.due) announcements.changed(before_.task, {before_}, {{after_}});
    }
    void finished(const Result<void>& result) override { done_(result); }

  private:
    Id organization_;
    Id execution_;
    Timestamp now_;
    Timer before_;
    Timer after_;
    Done done_;
};

}  // namespace punkt::store

// Accepted work is never lost: every run that was promised ends executed, pending, or withdrawn by somebody.
#include <map>
#include <set>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class NothingLost final : public Checker {
  public:
    explicit NothingLost(World world) : Checker(world, "nothing lost") {}

    void accepted(const Task& task) override {
        if (task.kind == TaskKind::once) runs_[task.id] = {task.id, task.organization};
        if (task.kind == TaskKind::cron) crons_[task.id] = task.organization;
    }
    void armed(const Timer& run) override { runs_[run.id] = {run.task, run.organization}; }
    void committed(const store::Transition& transition, bool stale) override {
        if (stale || transition.timer.kind != Timer::Kind::beat) return;
        for (const Timer& timer : transition.arm)
            if (timer.kind == Timer::Kind::run) armed(timer);
    }

    void before_end() override {
        std::set<Id> beats;
        for (const Timer& timer : disk().timers())
            if (timer.kind == Timer::Kind::beat) beats.insert(timer.id);
        for (const auto& [id, organization] : crons_) {
            const auto task = disk().task(organization, id);
            if (task && task->enabled && task->next_run_at && !beats.contains(id))
                violated("the schedule of task {} has no beat", id);
        }
    }

    void at_end() override {
        std::map<Id, Id> pending;  // to the task
        for (const Timer& timer : disk().timers()) pending[timer.id] = timer.task;
        std::map<Id, Execution> ended;
        for (Execution& execution : disk().executions()) ended[execution.id] = std::move(execution);
        for (const auto& [run, owner] : runs_) {
            const auto [task, organization] = owner;
            if (!disk().task(organization, task)) continue;  // deleted
            Id at = run;
            while (ended.contains(at) && ended[at].next != 0) at = ended[at].next;
            if (!ended.contains(at) && !pending.contains(at))
                violated("run {} of task {} was promised, and {} is neither pending nor ended", run, task, at);
        }
    }

  private:
    struct Owner {
        Id task = 0;
        Id organization = 0;
    };
    std::map<Id, Owner> runs_;
    std::map<Id, Id> crons_;
};

}  // namespace

std::unique_ptr<Checker> nothing_lost(Checker::World world) { return std::make_unique<NothingLost>(world); }

}  // namespace punkt::sim

// `overlap: skip`: no scheduled run begins its life before the one before it is over; only such tasks leave runs out
// for it. `overlap: queue` is a serial queue of its own and watched as such.
#include <map>
#include <set>
#include <string>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class OverlapHolds final : public Checker {
  public:
    explicit OverlapHolds(World world) : Checker(world, "overlap") {}

    void will_update(const Task& task) override { updated_[task.id] = elapsed(); }
    void will_delete(Id task) override { active_.erase(task); }
    void will_cancel(Id execution) override {
        for (const Timer& timer : disk().timers())
            if (timer.id == execution) active_[timer.task].erase(timer.first);
    }
    void committed(const store::Transition& transition, bool stale) override {
        const Timer& timer = transition.timer;
        if (timer.kind == Timer::Kind::run) {
            if (stale || transition.arm.empty()) active_[timer.task].erase(timer.first);
            return;
        }
        if (stale) return;
        const auto task = disk().task(timer.organization, timer.task);
        if (!task) return;
        const auto updated = updated_.find(task->id);
        const bool is_sure = updated == updated_.end() || elapsed() - updated->second > std::chrono::minutes{1};
        for (const Execution& missed : transition.missed)
            if (is_sure && task->overlap != Overlap::skip && missed.error_message.find("active") != std::string::npos)
                violated("task {} does not skip, and left out {}", task->id, to_ms(missed.scheduled_for));
        for (const Timer& run : transition.arm) {
            if (run.kind != Timer::Kind::run) continue;
            auto& active = active_[run.task];
            if (is_sure && task->overlap == Overlap::skip && !active.empty())
                violated("run {} of task {} was armed while run {} is not over", run.id, run.task, *active.begin());
            active.insert(run.first);
        }
    }

  private:
    std::map<Id, std::set<Id>> active_;
    std::map<Id, Microseconds> updated_;
};

}  // namespace

std::unique_ptr<Checker> overlap(Checker::World world) { return std::make_unique<OverlapHolds>(world); }

}  // namespace punkt::sim

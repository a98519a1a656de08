// A run that has not started by its task's expires_at never does, ends at that instant and not before, whatever holds
// it.
#include <algorithm>
#include <set>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class ExpiredInTime final : public Checker {
  public:
    explicit ExpiredInTime(World world) : Checker(world, "expired in time") {}

    // While it is being changed nobody touches it.
    void will_update(const Task& task) override { touched_.insert(task.id); }
    void will_delete(Id task) override { touched_.insert(task); }
    void will_cancel(Id execution) override { touched_.insert(execution); }
    void will_promote(Id execution) override { touched_.insert(execution); }

    void sent(const Sent& sent) override {
        if (!sent.stored) return;
        if (is_touched(sent.timer) || sent.delivery > 1) return;  // what a crash interrupted had started
        const auto at = expires_at(sent.timer);
        if (at && now() >= *at)
            violated("run {} was sent {} ms after it expired", sent.timer.id, (now() - *at).count());
    }
    void committed(const store::Transition& transition, bool) override {
        if (!transition.record || transition.record->status != Status::expired) return;
        const Timer& timer = transition.timer;
        const auto at = expires_at(timer);
        if (!at) return;  // deleted meanwhile
        const auto late = *transition.record->finished_at - *at;
        if (late < Milliseconds{0} && !is_touched(timer))
            violated("run {} ended {} ms before it expired", timer.id, -late.count());
        // A retry may have been armed later than that: one comes to its end when it is known.
        const auto held = *transition.record->finished_at - std::max(*at, timer.due);
        if (is_calm() && held > most && !is_touched(timer))
            violated("run {} ended {} ms after it expired", timer.id, held.count());
    }
    void before_end() override {
        for (const Timer& timer : disk().timers()) {
            if (timer.kind != Timer::Kind::run || disk().flights().contains(timer.id) || is_touched(timer)) continue;
            const auto at = expires_at(timer);
            if (at && std::max(*at, timer.due) + Milliseconds{5'000} < now())
                violated("run {} is pending, {} ms after it expired", timer.id, (now() - *at).count());
        }
    }

  private:
    static constexpr Milliseconds most{1'000};
    bool is_touched(const Timer& timer) const { return touched_.contains(timer.task) || touched_.contains(timer.id); }
    std::optional<Timestamp> expires_at(const Timer& timer) {
        const auto task = disk().task(timer.organization, timer.task);
        if (!task || !task->expires_at || timer.scheduled_for > *task->expires_at) return std::nullopt;
        return task->expires_at;
    }

    std::set<Id> touched_;  // tasks and executions
};

}  // namespace

std::unique_ptr<Checker> expired_in_time(Checker::World world) { return std::make_unique<ExpiredInTime>(world); }

}  // namespace punkt::sim

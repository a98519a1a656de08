// A serial queue: one run at a time, each to its end, its retries and crashes included; and in the order of acceptance.
#include <map>
#include <set>

#include "core/arming.h"
#include "sim/checkers/checkers.h"
#include "sim/lanes.h"

namespace punkt::sim {
namespace {

class SerialOrder final : public Checker {
  public:
    explicit SerialOrder(World world) : Checker(world, "serial order") {}

    void will_create(const Task& task) override { asked_[task.id] = ++moment_; }
    void will_arm(const Timer& run) override { asked_[run.id] = ++moment_; }
    void accepted(const Task& task) override {
        if (task.kind == TaskKind::once) waits(*first_timer(task));
    }
    void armed(const Timer& run) override { waits(run); }

    // What is being changed may go either way until it ends: it is watched no more.
    void will_update(const Task& task) override { forget_task(task.id); }
    void will_delete(Id task) override { forget_task(task); }
    void will_cancel(Id execution) override { forget_run(execution); }
    void will_promote(Id execution) override { touched_.insert(execution); }

    void sent(const Sent& sent) override {
        const Timer& timer = sent.timer;
        waiting_.erase(timer.id);
        if (!sent.stored || !is_serial(timer)) return;
        // A retry that was moved here may alternate with the one that the queue waited for.
        for (const auto& [first, open] : open_)
            if (open.lane == timer.lane && first != timer.first && !touched_.contains(timer.task) &&
                !touched_.contains(open.task) && !has_moved_away(timer.organization, first))
                violated("run {} was sent while run {} of the same serial queue has not ended", timer.id, first);
        open_[timer.first] = {timer.lane, timer.task};
        if (timer.attempt == 1) check_order(timer);
    }
    void committed(const store::Transition& transition, bool stale) override {
        if (transition.timer.kind != Timer::Kind::run) return;
        if (stale || transition.arm.empty()) open_.erase(transition.timer.first);
        if (transition.record) waiting_.erase(transition.timer.id);  // it may have expired
    }

  private:
    struct Open {
        Lane lane = 0;
        Id task = 0;
    };
    struct Waiting {
        Timer timer;
        std::uint64_t accepted = 0;
    };

    static bool is_serial(const Timer& timer) {
        return timer.lane != 0 && settings_of(timer.organization, timer.lane).concurrency == 1;
    }
    void waits(const Timer& run) {
        // Changed between the commit and the answer, or sent already: then the order is not known here.
        if (const auto stored = disk().timer(run.organization, run.id);
            is_serial(run) && stored && *stored == run && !open_.contains(run.id))
            waiting_[run.id] = {run, ++moment_};
    }
    void check_order(const Timer& timer) {
        const auto asked = asked_.find(timer.id);
        if (asked == asked_.end()) return;
        for (const auto& [id, other] : waiting_) {
            const Timer& one = other.timer;
            if (!touched_.contains(id) && !touched_.contains(one.task) && one.lane == timer.lane &&
                one.priority == timer.priority && one.due <= timer.due && other.accepted < asked->second)
                violated("run {} was sent before run {}, which was accepted earlier and is due no later", timer.id, id);
        }
    }
    /// A crash interrupted it, and then the clock went back: its first attempt has not come yet.
    bool has_moved_away(Id organization, Id first) {
        const auto stored = disk().timer(organization, first);
        return stored && stored->due > now() + std::chrono::minutes{1};
    }
    void forget_task(Id task) {
        touched_.insert(task);
        std::erase_if(open_, [&](const auto& open) { return open.second.task == task; });
    }
    void forget_run(Id execution) {
        touched_.insert(execution);
        for (const Timer& timer : disk().timers())
            if (timer.id == execution) open_.erase(timer.first);
    }

    std::map<Id, Open> open_;        // by the first attempt: started and not over
    std::map<Id, Waiting> waiting_;  // accepted, not sent yet
    std::map<Id, std::uint64_t> asked_;
    std::set<Id> touched_;  // tasks and runs that somebody changed
    std::uint64_t moment_ = 0;
};

}  // namespace

std::unique_ptr<Checker> serial_order(Checker::World world) { return std::make_unique<SerialOrder>(world); }

}  // namespace punkt::sim

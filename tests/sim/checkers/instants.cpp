// Every due instant of a schedule ends as an execution or as a missed record with a reason, exactly once.
#include <algorithm>
#include <map>
#include <set>

#include "core/schedule.h"
#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class Instants final : public Checker {
  public:
    explicit Instants(World world) : Checker(world, "instants") {}

    void will_update(const Task& task) override {
        updated_[task.id] = elapsed();
        const auto before = disk().task(task.organization, task.id);
        const bool is_same = before && before->cron == task.cron && before->enabled == task.enabled;
        if (!is_same) next_.erase(task.id);  // it may go on from anywhere
    }
    void jumped(Milliseconds by) override { went_back_ = went_back_ || by < Milliseconds{0}; }
    void committed(const store::Transition& transition, bool stale) override {
        const Timer& beat = transition.timer;
        if (stale || beat.kind != Timer::Kind::beat) return;
        const auto task = disk().task(beat.organization, beat.task);
        if (!task || task->kind != TaskKind::cron) return;
        std::vector<Timestamp> instants;
        for (const Timer& run : transition.arm)
            if (run.kind == Timer::Kind::run) instants.push_back(run.scheduled_for);
        for (const Execution& missed : transition.missed) {
            instants.push_back(missed.scheduled_for);
            if (missed.error_message.empty()) violated("a missed instant of task {} has no reason", beat.task);
        }
        std::sort(instants.begin(), instants.end());
        check_each_once(beat.task, instants);
        check_goes_on(beat, task->next_run_at);
        check_policy(*task, transition, instants);
        if (!is_being_updated(beat.task)) check_complete(*task, beat, instants);
    }

  private:
    /// An instant may come again only after the clock went back and the schedule was made anew.
    void check_each_once(Id task, const std::vector<Timestamp>& instants) {
        if (went_back_) return;
        for (const Timestamp instant : instants)
            if (!seen_[task].insert(instant).second)
                violated("instant {} of task {} was dealt with twice", to_ms(instant), task);
    }
    /// Also over an edit that leaves the schedule as it is.
    void check_goes_on(const Timer& beat, std::optional<Timestamp> next) {
        const auto expected = next_.find(beat.task);
        if (expected != next_.end() && expected->second != beat.due && !went_back_)
            violated("task {} went on at {} instead of {}", beat.task, to_ms(beat.due), to_ms(expected->second));
        next_.erase(beat.task);
        if (next) next_[beat.task] = *next;
    }
    static void count(const store::Transition& transition, std::size_t& runs) {
        for (const Timer& timer : transition.arm) runs += timer.kind == Timer::Kind::run ? 1 : 0;
    }
    void check_policy(const Task& task, const store::Transition& transition, const std::vector<Timestamp>& instants) {
        if (is_being_updated(task.id)) return;
        std::size_t runs = 0;
        count(transition, runs);
        if (task.catch_up == CatchUp::run_latest && runs > 1)
            violated("task {} runs its latest instant only, and {} were started", task.id, runs);
        if (task.catch_up == CatchUp::run_all && runs > limits::catch_up_runs_max)
            violated("task {} catches up {} instants", task.id, runs);
        for (const Timer& timer : transition.arm)
            if (task.catch_up == CatchUp::run_latest && timer.kind == Timer::Kind::run &&
                timer.scheduled_for != instants.back())
                violated("task {} ran an instant that is not its latest", task.id);
    }
    /// From the beat's instant on without a gap, and the next beat stands on the one that follows.
    void check_complete(const Task& task, const Timer& beat, const std::vector<Timestamp>& instants) {
        const auto schedule = Schedule::create(task);
        std::optional<Timestamp> expected = beat.due;
        for (const Timestamp instant : instants) {
            if (!expected || instant != *expected)
                return violated("task {}: instant {} instead of {}", task.id, to_ms(instant),
                                expected ? to_ms(*expected) : 0);
            expected = schedule->next(instant);
        }
        if (task.next_run_at != expected)
            violated("task {} runs next at {} instead of {}", task.id, task.next_run_at ? to_ms(*task.next_run_at) : 0,
                     expected ? to_ms(*expected) : 0);
    }
    /// Then what is committed may have been planned by the version before.
    bool is_being_updated(Id task) const {
        const auto found = updated_.find(task);
        return found != updated_.end() && elapsed() - found->second < std::chrono::minutes{1};
    }

    std::map<Id, std::set<Timestamp>> seen_;
    std::map<Id, Timestamp> next_;  // where each beat stands
    std::map<Id, Microseconds> updated_;
    bool went_back_ = false;
};

}  // namespace

std::unique_ptr<Checker> instants(Checker::World world) { return std::make_unique<Instants>(world); }

}  // namespace punkt::sim

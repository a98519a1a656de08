// What an outcome causes comes into being with it, once: every recorded attempt has its callback, a finally lost run is
// told once, a follow-up has none of its own, and all of them end.
#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/checkers.h"
#include "sim/sim_follow_ups.h"

namespace punkt::sim {
namespace {

class ToldOnce final : public Checker {
  public:
    explicit ToldOnce(World world) : Checker(world, "told once") {}

    void committed(const store::Transition& transition, bool stale) override {
        if (stale || !transition.record) return;
        const Execution& record = *transition.record;
        const auto& caused = transition.follow_ups;
        const auto count = [&](Purpose purpose) {
            return std::count_if(caused.begin(), caused.end(),
                                 [&](const store::Armed& armed) { return armed.task->purpose == purpose; });
        };
        if (follow_ups_.contains(record.task) || !has_callback(record.task)) {
            if (!caused.empty()) violated("execution {} causes {} tasks, none is wanted", record.id, caused.size());
            return;
        }
        if (count(Purpose::callback) != 1)
            violated("execution {} has {} callbacks", record.id, count(Purpose::callback));
        const bool is_lost = record.next == 0 && record.status != Status::success;
        if (count(Purpose::on_failure) > (is_lost ? 1 : 0))
            violated("execution {} tells of a failure {} times", record.id, count(Purpose::on_failure));
        if (record.first == record.task && is_lost && count(Purpose::on_failure) == 0) untold_.insert(record.task);
        if (record.first != record.task) ran_again_.insert(record.task);
        if (is_calm() && record.next == 0) in_turn(record, count(Purpose::on_failure), count(Purpose::on_recovery));
        for (const store::Armed& armed : caused) follow_ups_[armed.task->id] = armed.task->organization;
    }

    void at_end() override {
        std::set<Id> pending, ended;
        for (const Timer& timer : disk().timers()) pending.insert(timer.task);
        for (const Execution& execution : disk().executions())
            if (execution.next == 0) ended.insert(execution.task);
        for (const auto& [task, organization] : follow_ups_) {
            if (!disk().task(organization, task)) continue;  // deleted
            if (!ended.contains(task) && !pending.contains(task)) violated("follow-up {} was lost", task);
        }
        for (const Id task : untold_)
            if (!ran_again_.contains(task)) violated("the failure of task {} was never told", task);
        if (disk().number(
                "SELECT count(*) FROM (SELECT 1 FROM task WHERE surface = 3 GROUP BY "
                "json_extract(options, '$.parent'), json_extract(options, '$.purpose') HAVING count(*) > 1)") > 0)
            violated("an execution has told the same thing twice");
    }

  private:
    /// Failure, recovery, failure …: without faults outcomes are committed in the order in which they were judged.
    void in_turn(const Execution& record, std::ptrdiff_t failures, std::ptrdiff_t recoveries) {
        const bool is_lost = record.status != Status::success;
        bool& was_lost = lost_[record.task];
        if (failures != (is_lost && !was_lost ? 1 : 0) || recoveries != (!is_lost && was_lost ? 1 : 0))
            violated("execution {} of task {} tells of {} failures and {} recoveries", record.id, record.task, failures,
                     recoveries);
        was_lost = is_lost;
    }

    std::map<Id, Id> follow_ups_;  // by task: the organization
    std::map<Id, bool> lost_;      // by task: its last run
    std::set<Id> untold_;          // tasks whose first run was lost and not told
    std::set<Id> ran_again_;       // tasks with another run, which may have told it
};

}  // namespace

std::unique_ptr<Checker> told_once(Checker::World world) { return std::make_unique<ToldOnce>(world); }

}  // namespace punkt::sim

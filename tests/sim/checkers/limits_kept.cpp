// Queues and keys: no more out at once than they allow, no more starts in any period, nothing while a queue is paused,
// whatever crashed in between.
#include <deque>
#include <map>
#include <set>
#include <string>

#include "sim/checkers/checkers.h"
#include "sim/lanes.h"

namespace punkt::sim {
namespace {

class LimitsKept final : public Checker {
  public:
    explicit LimitsKept(World world) : Checker(world, "limits kept") {}

    void will_create(const Task& task) override { keys_[task.id] = task.key_limits; }
    void paused(Lane lane, bool is_paused) override {
        if (is_paused)
            paused_.insert(lane);
        else
            paused_.erase(lane);
    }
    void sent(const Sent& sent) override {
        sent_since_crash_ = true;
        if (!sent.stored) return;
        const Timer& timer = sent.timer;
        if (timer.lane != 0) {
            if (paused_.contains(timer.lane)) violated("run {} was sent, and its queue is paused", timer.id);
            const auto settings = settings_of(timer.organization, timer.lane);
            one_more(fmt::format("queue {}", timer.lane), timer.id, settings.concurrency, settings.rate);
        }
        for (const KeyLimit& limit : keys_[timer.task])
            one_more(fmt::format("key {} of {}", limit.key, timer.organization), timer.id, limit.concurrency,
                     limit.rate);
    }
    void committed(const store::Transition& transition, bool) override {
        // Its id may have been meant for a task that was refused before a crash.
        for (const store::Armed& caused : transition.follow_ups) keys_.erase(caused.task->id);
        if (!transition.record) return;
        for (auto& [name, scope] : scopes_) scope.out.erase(transition.timer.id);
    }
    // What was out is not: its connections are gone. How old a start is tells the wall clock then.
    void crashed() override {
        for (auto& [name, scope] : scopes_) {
            scope.out.clear();
            if (has_jumped_) scope.starts.clear();
        }
        has_jumped_ = false;
        sent_since_crash_ = false;
    }
    void jumped(Milliseconds) override {
        has_jumped_ = true;
        if (!sent_since_crash_) crashed();
    }

  private:
    struct Scope {
        std::set<Id> out;
        std::deque<Microseconds> starts;
    };
    void one_more(const std::string& name, Id run, int concurrency, const std::optional<Rate>& rate) {
        Scope& scope = scopes_[name];
        scope.out.insert(run);
        if (concurrency > 0 && static_cast<int>(scope.out.size()) > concurrency)
            violated("run {} is number {} of {} in {}", run, scope.out.size(), concurrency, name);
        if (!rate) return;
        while (!scope.starts.empty() && scope.starts.front() + rate->period <= elapsed()) scope.starts.pop_front();
        scope.starts.push_back(elapsed());
        if (static_cast<int>(scope.starts.size()) > rate->count)
            violated("run {} is start {} of {} within {} ms in {}", run, scope.starts.size(), rate->count,
                     rate->period.count(), name);
    }

    std::map<std::string, Scope> scopes_;
    std::map<Id, std::vector<KeyLimit>> keys_;  // by task; nobody changes them
    std::set<Lane> paused_;
    bool has_jumped_ = false;
    bool sent_since_crash_ = false;
};

}  // namespace

std::unique_ptr<Checker> limits_kept(Checker::World world) { return std::make_unique<LimitsKept>(world); }

}  // namespace punkt::sim

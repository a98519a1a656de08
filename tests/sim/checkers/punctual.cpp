// Without faults nothing is late either: what has no queue, and no host that is left alone, starts as soon as it is due
// and known.
#include <set>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class Punctual final : public Checker {
  public:
    explicit Punctual(World world) : Checker(world, "punctual") {}

    // What is moved out of its queue, or held, may be late.
    void will_update(const Task& task) override { touched_.insert(task.id); }

    // Who shares a key may have to wait for it.
    void will_create(const Task& task) override {
        if (!task.key_limits.empty()) touched_.insert(task.id);
    }

    void sent(const Sent& sent) override {
        // Commits of the simulation take up to 10 ms, those that queue behind one twice that; so do reads.
        constexpr Milliseconds most{100};
        if (!is_calm() || has_breaker() || !sent.stored || sent.timer.lane != 0 || touched_.contains(sent.timer.task))
            return;
        const auto late = now() - sent.timer.due;
        if (late > most) violated("execution {} was sent {} ms late", sent.timer.id, late.count());
    }

  private:
    std::set<Id> touched_;
};

}  // namespace

std::unique_ptr<Checker> punctual(Checker::World world) { return std::make_unique<Punctual>(world); }

}  // namespace punkt::sim

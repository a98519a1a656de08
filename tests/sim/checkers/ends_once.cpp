// An execution ends once: its outcome is committed once, and what was cancelled has none.
#include <set>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class EndsOnce final : public Checker {
  public:
    explicit EndsOnce(World world) : Checker(world, "ends once") {}

    void cancelled(Id execution) override { cancelled_.insert(execution); }
    void committed(const store::Transition& transition, bool) override {
        if (!transition.record) return;
        const Id id = transition.record->id;
        if (!ended_.insert(id).second) violated("execution {} ended twice", id);
        if (cancelled_.contains(id)) violated("execution {} was cancelled and has an outcome", id);
    }

  private:
    std::set<Id> ended_;
    std::set<Id> cancelled_;
};

}  // namespace

std::unique_ptr<Checker> ends_once(Checker::World world) { return std::make_unique<EndsOnce>(world); }

}  // namespace punkt::sim

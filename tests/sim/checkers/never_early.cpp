// Nothing starts before its time, by the wall clock that the engine saw.
#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class NeverEarly final : public Checker {
  public:
    explicit NeverEarly(World world) : Checker(world, "never early") {}

    void sent(const Sent& sent) override {
        if (sent.stored && sent.timer.due > sent.latest)
            violated("execution {} was sent {} ms early", sent.timer.id, (sent.timer.due - sent.latest).count());
    }
};

}  // namespace

std::unique_ptr<Checker> never_early(Checker::World world) { return std::make_unique<NeverEarly>(world); }

}  // namespace punkt::sim

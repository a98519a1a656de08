// What is not stored does not start: cancelled and deleted runs never do after the caller has the answer, and, since
// the caller holds them before, not even after the commit.
#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class Withdrawn final : public Checker {
  public:
    explicit Withdrawn(World world) : Checker(world, "withdrawn") {}

    void sent(const Sent& sent) override {
        if (!sent.stored) violated("execution {} was sent and is not stored", sent.timer.id);
    }
};

}  // namespace

std::unique_ptr<Checker> withdrawn(Checker::World world) { return std::make_unique<Withdrawn>(world); }

}  // namespace punkt::sim

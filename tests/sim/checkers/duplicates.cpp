// An execution is delivered twice only if it was in flight at a crash, and then it says so.
#include <map>

#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

class Duplicates final : public Checker {
  public:
    explicit Duplicates(World world) : Checker(world, "duplicates") {}

    void sent(const Sent& sent) override {
        Delivery& last = deliveries_[sent.timer.id];
        if (last.number > 0 && last.life == life_)
            violated("execution {} was sent twice without a crash", sent.timer.id);
        if (sent.delivery != last.number + 1)
            violated("delivery {} of execution {} says that it is number {}", last.number + 1, sent.timer.id,
                     sent.delivery);
        if (sent.stored && sent.attempt != sent.timer.attempt)
            violated("attempt {} of execution {} says that it is number {}", sent.timer.attempt, sent.timer.id,
                     sent.attempt);
        last = {sent.delivery, life_};
    }
    void committed(const store::Transition& transition, bool) override {
        if (!transition.record) return;
        const auto last = deliveries_.find(transition.record->id);
        if (transition.record->status == Status::expired) {
            if (last != deliveries_.end()) violated("execution {} was sent and expired", transition.record->id);
        } else if (last == deliveries_.end())
            violated("execution {} has an outcome and was never sent", transition.record->id);
        else if (last->second.number != transition.record->deliveries)
            violated("execution {} was delivered {} times, its record says {}", transition.record->id,
                     last->second.number, transition.record->deliveries);
    }
    void crashed() override { ++life_; }

  private:
    struct Delivery {
        int number = 0;
        int life = 0;
    };
    std::map<Id, Delivery> deliveries_;
    int life_ = 1;
};

}  // namespace

std::unique_ptr<Checker> duplicates(Checker::World world) { return std::make_unique<Duplicates>(world); }

}  // namespace punkt::sim

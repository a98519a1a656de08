#include "engine/outbox.h"

#include <utility>

#include "base/log.h"

namespace punkt::engine {

void Outbox::record(std::vector<store::Transition> transitions) {
    if (transitions.empty()) return;
    size_ += transitions.size();
    const std::uint64_t number = ++last_;
    Batch& batch = batches_[number];
    batch.transitions = std::move(transitions);
    store_.record(number, batch.transitions);
}

std::vector<store::Transition> Outbox::recorded(const Inbox::Recorded& answer, Microseconds elapsed) {
    const auto found = batches_.find(answer.batch);
    if (found == batches_.end()) return {};
    if (!answer.stale) {
        log::warn("the store refused {} outcomes, trying again: {}", found->second.transitions.size(),
                  answer.stale.error().message);
        found->second.again_at = elapsed + again_after_;
        return {};
    }
    std::vector<store::Transition> transitions = std::move(found->second.transitions);
    batches_.erase(found);
    size_ -= transitions.size();
    for (const std::size_t place : *answer.stale) {
        transitions[place].arm.clear();
        transitions[place].missed.clear();
        transitions[place].follow_ups.clear();
    }
    return transitions;
}

void Outbox::offer_again(Microseconds elapsed) {
    for (auto& [number, batch] : batches_) {
        if (!batch.again_at || *batch.again_at > elapsed) continue;
        batch.again_at.reset();
        store_.record(number, batch.transitions);
    }
}

std::vector<Id> Outbox::runs_of(Id task) const {
    std::vector<Id> runs;
    for_each_run([&](const Timer& run) {
        if (run.task == task) runs.push_back(run.id);
    });
    return runs;
}

}  // namespace punkt::engine

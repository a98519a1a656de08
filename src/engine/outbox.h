// What the engine wants written, in batches, until the store confirms it. A refused batch is offered again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/inbox.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class Outbox {
  public:
    /// `again_after`: when a refused batch is offered again.
    Outbox(store::EngineStore& store, Milliseconds again_after) : store_(store), again_after_(again_after) {}

    void record(std::vector<store::Transition> transitions);
    /// The store's answer. The transitions that are on disk now, as they took effect: without the consequences of
    /// those whose timer was no longer stored.
    std::vector<store::Transition> recorded(const Inbox::Recorded& answer, Microseconds elapsed);
    /// Call on every tick.
    void offer_again(Microseconds elapsed);

    /// Transitions that are not confirmed.
    std::size_t size() const { return size_; }
    bool empty() const { return batches_.empty(); }
    /// Calls `each` with the runs that are over, but their outcome is not on disk.
    template <class Each>
    void for_each_run(Each each) const {
        for (const auto& [number, batch] : batches_)
            for (const store::Transition& transition : batch.transitions)
                if (transition.record) each(transition.timer);
    }
    /// Runs of a task that are over, but their outcome is not on disk.
    std::vector<Id> runs_of(Id task) const;

  private:
    struct Batch {
        std::vector<store::Transition> transitions;
        std::optional<Microseconds> again_at;  // refused by the store
    };
    store::EngineStore& store_;
    Milliseconds again_after_;
    std::map<std::uint64_t, Batch> batches_;
    std::uint64_t last_ = 0;
    std::size_t size_ = 0;
};

}  // namespace punkt::engine

// What the API is about to change, and what came up for its start meanwhile.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/execution.h"

namespace punkt::engine {

/// Holds are counted: two callers may be about to change the same thing. Threads: the engine's.
class Holds {
  public:
    void hold_execution(Id id) { ++executions_[id]; }
    void hold_task(Id id) { ++tasks_[id]; }
    void hold_lane(Lane lane) { ++lanes_[lane]; }
    void release_execution(Id id) { drop(executions_, id); }
    void release_task(Id id) { drop(tasks_, id); }
    void release_lane(Lane lane) { drop(lanes_, lane); }

    bool is_held(const Timer& timer) const {
        return executions_.contains(timer.id) || tasks_.contains(timer.task) || lanes_.contains(timer.lane);
    }
    /// Keeps a timer that came up while held.
    void keep(const Timer& timer) { kept_.push_back(timer); }
    std::size_t kept() const { return kept_.size(); }
    /// Takes out those that are not held any more.
    std::vector<Timer> take_free();

  private:
    template <class Key>
    using Counts = std::unordered_map<Key, int>;
    template <class Key>
    static void drop(Counts<Key>& counts, Key key) {
        const auto found = counts.find(key);
        if (found != counts.end() && --found->second == 0) counts.erase(found);
    }
    Counts<Id> executions_;
    Counts<Id> tasks_;
    Counts<Lane> lanes_;
    std::vector<Timer> kept_;
};

}  // namespace punkt::engine

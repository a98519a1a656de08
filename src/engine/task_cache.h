// The tasks of what is due soon, so that a start needs no disk. Bounded by bytes; the oldest leave first. One source of
// truth: an edit forgets the task here, and the next start reads it again.
#pragma once

#include <deque>
#include <unordered_map>

#include "core/task.h"

namespace punkt::engine {

/// Threads: the engine's.
class TaskCache {
  public:
    explicit TaskCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void put(TaskPtr task);
    /// Nothing when it is not here.
    TaskPtr find(Id task) const;
    void forget(Id task);

  private:
    static std::size_t bytes(const Task& task);

    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<Id, TaskPtr> tasks_;
    std::deque<Id> order_;  // of arrival; may name tasks that are gone
};

}  // namespace punkt::engine

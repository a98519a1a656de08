// The tasks of what is due soon, so that a start needs no disk. Bounded by bytes; the oldest leave first. One source of
// truth: an edit forgets the task here, and the next start reads it again.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/task.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class TaskCache {
  public:
    TaskCache(store::EngineStore& store, std::size_t bytes_max) : store_(store), bytes_max_(bytes_max) {}

    void put(TaskPtr task);
    /// Nothing when it is not here.
    TaskPtr find(Id task) const;
    /// Not needed soon.
    void forget(Id task);
    /// It was changed: what is being read now may be the old one.
    void changed(Id task);

    /// It is needed and not here; asked for with the next send_fetches(), once.
    void want(Id task);
    void send_fetches(Microseconds elapsed);
    /// The answer of the store, kept here. What is settled now: each task, or nothing for one that does not exist.
    std::vector<std::pair<Id, TaskPtr>> loaded(const std::vector<Id>& asked, Result<std::vector<TaskPtr>> tasks,
                                               Microseconds elapsed);

  private:
    enum class Fetch : std::uint8_t { out, out_of_date };
    static std::size_t bytes(const Task& task);

    store::EngineStore& store_;
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<Id, TaskPtr> tasks_;
    std::deque<Id> order_;  // of arrival; may name tasks that are gone

    std::unordered_map<Id, Fetch> fetches_;
    std::vector<Id> to_fetch_;
    std::vector<Id> unread_;  // the store failed on them
    std::optional<Microseconds> unread_again_at_;
};

}  // namespace punkt::engine

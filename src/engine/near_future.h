// Which hours are in memory. Hours are asked for before they come; what is committed meanwhile must neither be lost nor
// appear twice, and what is removed meanwhile must not come back with the load.
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "engine/timers.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// Threads: the engine's.
class NearFuture {
  public:
    NearFuture(Timestamp now, store::EngineStore& store);

    /// Asks the store for the hours that come near. Call on every tick.
    void look_ahead(Timestamp now, Microseconds elapsed);
    /// A committed timer. False: it is far, the disk keeps it.
    bool add(const Timer& timer);
    /// A timer that is no longer stored.
    void removed(const Timer& timer);
    /// The answer of the store. New timers are appended to `fresh` (retries in serial lanes must block them).
    void loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers, Microseconds elapsed,
                std::vector<Timer>& fresh);
    /// The first load has come: everything older than what arrives now is known.
    bool is_complete() const { return is_complete_; }
    bool is_near(Timestamp due) const { return store::hour_of(due) < asked_until_; }

    Timers& timers() { return timers_; }
    const Timers& timers() const { return timers_; }

  private:
    struct Load {
        store::Hour from = 0;
        store::Hour until = 0;
        std::unordered_set<Id> seen = {};                     // added or removed since it was asked for
        std::optional<Microseconds> again_at = std::nullopt;  // failed: when to ask again
    };
    void note(const Timer& timer);

    store::EngineStore& store_;
    Timers timers_;
    store::Hour asked_until_ = 0;
    std::vector<Load> loads_;
    bool is_complete_ = false;
};

}  // namespace punkt::engine

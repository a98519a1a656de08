// Somebody who is told what the engine does at the moment it does it, before anything of it is on disk.
#pragma once

#include "core/execution.h"
#include "core/task.h"

namespace punkt::engine {

/// Must not block. Threads: the engine's.
class Observer {
  public:
    virtual ~Observer() = default;
    /// `deliveries` of this attempt, this one included.
    virtual void started(const Timer& run, const Task& task, int deliveries, Timestamp at) = 0;
    /// An answer came and was judged.
    virtual void ended(const Execution& execution, const Task& task) = 0;
};

}  // namespace punkt::engine

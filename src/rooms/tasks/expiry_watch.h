// Tells the engine of runs that are still pending although their task has expired: what a paused queue, a limit or a
// blocked host holds back comes to no start, and would be noticed by nobody.
#pragma once

#include "base/clock.h"
#include "engine/inbox.h"
#include "store/expiries.h"
#include "store/writer.h"

namespace punkt::tasks {

/// Threads: one. All that it is given outlive it.
class ExpiryWatch {
  public:
    /// A run ends at most a second after its task expired, also when it must be told twice.
    static constexpr Milliseconds every{250};
    static constexpr int tasks_per_step = 500;

    ExpiryWatch(store::Writer& writer, db::Connection reader, engine::Inbox& inbox, const Clock& clock)
        : writer_(writer), reader_(std::move(reader)), inbox_(inbox), clock_(clock) {}

    /// True: more waits.
    bool step();

  private:
    store::Writer& writer_;
    db::Connection reader_;
    engine::Inbox& inbox_;
    const Clock& clock_;
    store::ExpiredTasks tasks_;
};

}  // namespace punkt::tasks

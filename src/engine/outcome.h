// What an answer leaves behind: the record of the attempt and the retry that follows. Pure.
#pragma once

#include "base/id.h"
#include "base/random.h"
#include "core/http.h"
#include "core/task.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// An attempt that is out.
struct Running {
    Timer timer;
    TaskPtr task;
    Timestamp started_at;
    int deliveries = 1;
    Microseconds started_steady{};
    std::uint64_t host_ticket = 0;  // Hosts::started
    bool may_retry = true;          // false: its queue skips what failed
};

/// The transition that ends `run`. `standard` is the policy of tasks that name none.
store::Transition outcome_of(const Running& run, Answer answer, const RetryPolicy& standard, Timestamp now,
                             IdMaker& ids, Random& random);

/// Whether a run of `task` may not start any more. A run that was asked for later than the expiry (by hand, or as a
/// redrive) is not subject to it.
bool is_expired(const Timer& run, const Task& task, Timestamp now);
/// What a run leaves behind that was not started in time.
store::Transition expired(const Timer& run, const Task& task, Timestamp now);

/// What a beat or a run without a task leaves behind: its timer goes, nothing follows.
store::Transition dropped(const Timer& timer);

}  // namespace punkt::engine

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
    bool may_retry = true;  // false: its queue skips what failed
};

/// The transition that ends `run`. `standard` is the policy of tasks that name none.
store::Transition outcome_of(const Running& run, Answer answer, const RetryPolicy& standard, Timestamp now,
                             IdMaker& ids, Random& random);

/// What a beat or a run without a task leaves behind: its timer goes, nothing follows.
store::Transition dropped(const Timer& timer);

}  // namespace punkt::engine

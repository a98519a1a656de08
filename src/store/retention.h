// Deletes what is older than the retention period, a bounded step at a time.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "db/connection.h"
#include "store/writer.h"

namespace punkt::store {

/// A pass goes through the tables by growing id: executions that ended long ago; one-time tasks that have nothing left
/// (no timer, no execution) and deleted tasks; versions of tasks that were replaced long ago. What it looks at is read
/// beside the writer; only deletions go there. Freed pages are used again, the file does not shrink.
class Retention {
  public:
    struct Options {
        std::chrono::hours keep{30 * 24};
        int rows_per_step = 500;  // looked at, and so deleted at most
    };

    /// `reader` is used up by this object. The writer outlives it.
    Retention(Writer& writer, db::Connection reader, const Clock& clock, Options options);
    ~Retention();

    /// One step. True: call again soon; false: this pass is over, the next call begins another. Does not wait for the
    /// writer: while the step before is not written it does nothing. Threads: one.
    bool step();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store

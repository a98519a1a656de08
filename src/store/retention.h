// Deletes what is older than the retention period or more than the disk shall hold, a bounded step at a time, and gives
// the space back.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/task.h"
#include "db/connection.h"
#include "store/quotas.h"
#include "store/retention_budgets.h"
#include "store/writer.h"

namespace punkt::store {

/// A pass goes through the tables by growing id: executions that ended long ago; one-time tasks that have nothing left
/// (no timer, no execution) and deleted tasks; versions of tasks that were replaced long ago; rows that belong to no
/// task any more. Then what takes more than the budget of its outcome, the oldest first. Then, while more is stored
/// than allowed, the oldest executions whatever their age, with the tasks that have nothing left: those that succeeded
/// or were cancelled first. Then free pages leave the file. What waits is never touched. What a pass looks at is read
/// beside the writer; only deletions go there.
class Retention {
  public:
    /// A table of another folder with a column `task`.
    struct Remainder {
        std::string table;
        std::optional<Surface> surface = std::nullopt;  // only tasks of this one have rows; nothing: any may
        bool has_rowid = true;                          // else nobody looks for rows whose task is gone
    };
    struct Options {
        std::chrono::hours keep{30 * 24};
        std::chrono::hours keep_success{0};     // 0: as `keep`
        std::chrono::hours keep_failed{0};      // also timeout, missed and expired
        std::int64_t bytes_max = 0;             // stored, without free pages and log; 0: any amount
        RetentionBudgets::Limits budgets = {};  // of what succeeded and of what failed, each for itself
        const Quotas* quotas = nullptr;         // plans may keep less or more than `keep`
        std::vector<Remainder> remainders = {};
        int rows_per_step = 500;  // looked at, and so deleted at most
        std::chrono::minutes pass_every{10};
        int vacuum_pages_per_step = 256;     // 1 MB, written once more to the log
        std::int64_t free_pages_min = 1024;  // kept in the file, or an eighth of it: they are used again
    };

    /// `reader` is used up by this object. The writer outlives it.
    Retention(Writer& writer, db::Connection reader, const Clock& clock, Options options);
    ~Retention();

    /// One step. True: call again soon; false: this pass is over, the next call begins another: by age and
    /// budget when the last such is `pass_every` ago, by size and space each time. Does not wait for the writer: while
    /// the step before is not written it does nothing. Threads: one.
    bool step();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store

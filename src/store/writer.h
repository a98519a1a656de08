// The one thread that writes. Everything that queued while the last commit was being synced goes into one transaction:
// the fsync itself is the batching window, there is no delay timer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "db/connection.h"
#include "store/checkpointer.h"
#include "store/journal.h"
#include "store/write.h"

namespace punkt::store {

class Quotas;

/// Where the writer counts. Threads: any.
struct WriterMetrics {
    explicit WriterMetrics(Metrics& metrics);
    Counter& commits;
    Counter& rows;
    Counter& refused;       // the queue was too long or the disk full
    Histogram& commit_s;    // from BEGIN to the end of COMMIT
    Histogram& batch_rows;  // per commit
    Gauge& log_bytes;
};

class Writer {
  public:
    struct Options {
        std::size_t batch_rows_max = 2'000;
        /// New writes are answered `unavailable` while the oldest queued one waits longer, or that many rows wait.
        Milliseconds queue_wait_max{2'000};
        std::size_t queue_rows_max = 200'000;
        /// Kept free beside the database for deletions and outcomes on a full disk.
        std::string reserve_path = {};
        std::int64_t reserve_bytes = 0;
        Milliseconds full_probe{1'000};  // how often a full disk is looked at again
        Checkpointer::Options checkpoints = {};
        /// The storage failed: end the process with exit code 70 without acknowledging anything. If it returns (tests),
        /// every write is answered with an error from then on. Threads: the writer's or the checkpointer's.
        std::function<void(const Error&)> fatal;
        /// Asked before a write is queued: the one admission check for every source of work. Outlives the writer.
        /// Nothing: there are no plans.
        Quotas* quotas = nullptr;
    };

    /// `checkpoints`: a second connection for the log's copying; none: the writer never checkpoints (an in-memory or
    /// remote database).
    Writer(db::Connection connection, std::optional<db::Connection> checkpoints, const Clock& clock,
           WriterMetrics& metrics, Options options);
    /// Writes what is queued, then ends.
    ~Writer();

    /// Nothing: nobody wants to know. Before start(); it outlives this object.
    void tell(Journal& journal);
    /// What is submitted before start() waits for it.
    void start(StoreEvents& events);
    /// Writes what is queued and ends the thread; what is submitted later is answered `unavailable`.
    void stop();

    /// Threads: any. A refusal calls `finished` before this returns. Errors besides those of the write: `unavailable`,
    /// `full`, and what Quotas::admit says.
    void submit(std::unique_ptr<Write> write);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store

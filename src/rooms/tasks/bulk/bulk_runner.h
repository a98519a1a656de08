// Carries out confirmed bulk jobs, a bounded step at a time.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "rooms/tasks/bulk/bulk_job.h"
#include "rooms/tasks/tasks_api.h"

namespace punkt::tasks {

struct BulkRunnerOptions {
    int tasks_per_step = 200;
    int examined_per_step = 5'000;
    int failures_max = 5;  // in a row; then the job has failed
};

/// Threads: one, not the engine's: a step waits for the engine and for the disk.
class BulkRunner {
  public:
    /// `reader`: a connection of its own. `services` and `clock` outlive it.
    BulkRunner(const Services& services, db::Connection reader, const Clock& clock, BulkRunnerOptions options = {});
    ~BulkRunner();

    /// One commit: what the next tasks of the oldest running job need, and how far it is. True: there may be more.
    /// A job that was aborted meanwhile changes nothing; one whose step fails again and again ends as failed.
    bool step();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::tasks

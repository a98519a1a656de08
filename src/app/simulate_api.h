// POST /api/v1/simulate: what an organization's schedules will do, and what a document of definitions would change.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "api/readers.h"
#include "api/router.h"
#include "store/queue_book.h"
#include "store/quotas.h"

namespace punkt::app {

/// Simulates on a thread of its own: neither the threads of requests nor those of reads wait for it.
class SimulateApi {
  public:
    /// What it works with; everything outlives it.
    struct Services {
        const Clock& clock;
        const PublicIds& public_ids;
        const store::QueueBook& queues;
        const store::Quotas& quotas;
    };
    /// Errors: those of opening the database.
    static Result<std::unique_ptr<SimulateApi>> create(const db::Location& database, const Services& services);

    void add_routes(api::Router& router);
    /// Ends what is being simulated; what waits is answered as well.
    void stop();

  private:
    SimulateApi(std::unique_ptr<api::Readers> readers, const Services& services)
        : services_(services), readers_(std::move(readers)) {}
    Async<net::HttpReply> simulate_for(api::Context& context);
    /// Its place among those that simulate, free again when it is let go; nothing when there is none.
    std::shared_ptr<void> enter(Id organization);

    const Services services_;
    std::atomic<bool> is_stopping_{false};
    std::mutex mutex_;
    std::set<Id> busy_;                      // organizations whose simulation waits or runs
    std::unique_ptr<api::Readers> readers_;  // last: its thread uses the rest
};

}  // namespace punkt::app

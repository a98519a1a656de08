// Is it alive, is it ready, what does it measure: routes for load balancers, probes and Prometheus. No key needed.
#pragma once

#include <atomic>

#include "api/readers.h"
#include "api/router.h"
#include "base/metrics.h"

namespace punkt::app {

/// Source: runlater-api.md §9 for /health.
class HealthApi {
  public:
    HealthApi(api::Readers& readers, const Metrics& metrics, bool shows_metrics)
        : readers_(readers), metrics_(metrics), shows_metrics_(shows_metrics) {}
    void add_routes(api::Router& router);
    /// False while starting and from the moment a stop begins.
    void set_ready(bool ready) { ready_ = ready; }

  private:
    Async<net::HttpReply> health(api::Context& context);
    Async<bool> database_answers();

    api::Readers& readers_;
    const Metrics& metrics_;
    bool shows_metrics_;
    std::atomic<bool> ready_{false};
};

}  // namespace punkt::app

// Requests by their status class, and how long they took.
#pragma once

#include <array>

#include "api/router.h"
#include "base/metrics.h"

namespace punkt::app {

/// Threads: any. Statuses are counted by class, so that nobody's paths become label values.
class RequestMetrics {
  public:
    explicit RequestMetrics(Metrics& metrics)
        : by_class_{&counter(metrics, "2xx"), &counter(metrics, "3xx"), &counter(metrics, "4xx"),
                    &counter(metrics, "5xx")},
          duration_s_(metrics.histogram("punkt_http_request_seconds", "Time to answer a request",
                                        Metrics::seconds_buckets())) {}

    void seen(const api::Seen& seen) {
        const int index = seen.status / 100 - 2;
        if (index >= 0 && index < 4) by_class_[static_cast<std::size_t>(index)]->add();
        duration_s_.observe(static_cast<double>(seen.took.count()) / 1e6);
    }

  private:
    static Counter& counter(Metrics& metrics, const char* status) {
        return metrics.counter("punkt_http_requests_total", "Requests answered", {{"status", status}});
    }
    std::array<Counter*, 4> by_class_;
    Histogram& duration_s_;
};

}  // namespace punkt::app

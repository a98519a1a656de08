// What the engine counts.
#pragma once

#include "base/metrics.h"
#include "core/execution.h"

namespace punkt::engine {

/// Read by /metrics from other threads.
struct EngineMetrics {
    explicit EngineMetrics(Metrics& metrics);
    /// An attempt is over.
    void count(const Execution& execution);

    Counter& started;
    Counter& succeeded;
    Counter& failed;
    Counter& timed_out;
    Counter& expired;
    Counter& retried;
    Counter& missed;
    Gauge& waiting;  // due, not started
    Gauge& near;     // in memory, not due
    Gauge& in_flight;
    Histogram& lateness_s;
    Histogram& delivery_s;
};

}  // namespace punkt::engine

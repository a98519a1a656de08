#include "engine/engine_metrics.h"

namespace punkt::engine {
namespace {

std::vector<double> lateness_buckets() {
    return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 300};
}

}  // namespace

EngineMetrics::EngineMetrics(Metrics& metrics)
    : started(metrics.counter("punkt_executions_started_total", "Attempts sent")),
      succeeded(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "success"}})),
      failed(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "failed"}})),
      timed_out(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "timeout"}})),
      expired(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "expired"}})),
      retried(metrics.counter("punkt_retries_total", "Retries scheduled")),
      missed(metrics.counter("punkt_missed_total", "Cron instants recorded as missed")),
      waiting(metrics.gauge("punkt_executions_waiting", "Due and not started")),
      near(metrics.gauge("punkt_timers_near", "Pending and held in memory")),
      in_flight(metrics.gauge("punkt_executions_in_flight", "Attempts out now")),
      lateness_s(metrics.histogram("punkt_lateness_seconds", "Start minus due time", lateness_buckets())),
      delivery_s(metrics.histogram("punkt_delivery_seconds", "Duration of attempts", Metrics::seconds_buckets())) {}

void EngineMetrics::count(const Execution& execution) {
    switch (execution.status) {
        case Status::success:
            succeeded.add();
            break;
        case Status::timeout:
            timed_out.add();
            break;
        case Status::expired:
            expired.add();
            break;
        default:
            failed.add();
    }
    if (execution.next != 0) retried.add();
}

}  // namespace punkt::engine

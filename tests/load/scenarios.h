// The lines of the bench, one function for each family. Each sets its own stage, adds its lines to the report, and
// cleans up. An error means that the line could not be measured at all; the report says so.
#pragma once

#include "base/result.h"
#include "bench.h"

namespace punkt::load {

/// fdatasync, generator → sink, and the echo of Punkt's own server: what the other lines are compared with.
Result<void> measure_limits(Bench& bench);
/// Durable POSTs at 1, 32, 64 and 256 connections, and in batches of 100.
Result<void> measure_enqueue(Bench& bench);
/// POST → commit → call → outcome committed.
Result<void> measure_end_to_end(Bench& bench);
/// What rate limits cost that are switched on and never reached.
Result<void> measure_rate_limits(Bench& bench);
/// What everything that a task can have costs, switched on against off.
Result<void> measure_features(Bench& bench);
/// A target that takes 100 ms.
Result<void> measure_slow_target(Bench& bench);
/// 5,000 tasks at one instant, and 500 a second at random instants.
Result<void> measure_burst(Bench& bench);
Result<void> measure_random(Bench& bench);
/// Cost of picking beside a large backlog; start and memory with it.
Result<void> measure_backlog(Bench& bench);
Result<void> measure_memory(Bench& bench);
/// kill -9 with 100 calls in flight.
Result<void> measure_crash(Bench& bench);
/// Enqueues, deliveries and reads for minutes: does anything grow?
Result<void> measure_mixed(Bench& bench);

}  // namespace punkt::load

// What declared tasks will do between two instants: their runs, where they get in each other's way, and the load.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "engine/ports.h"

namespace punkt::app {

constexpr std::chrono::hours simulated_time_max{31 * 24};
constexpr std::int64_t simulated_runs_max = 1'000'000;
/// Of a task that has not run yet.
constexpr Milliseconds simulated_duration_default{1'000};

struct SimulationInput {
    std::vector<Task> tasks;  // without ids; recurring ones with their first instant after `from`
    /// How long a run takes, by the task's key or, without one, its name.
    std::unordered_map<std::string, Milliseconds> durations = {};
    std::unordered_map<std::string, engine::LaneSettings> queues = {};  // by name; others are serial
    int concurrency = 0;                                                // of the organization; 0: no limit
    Timestamp from{};
    Timestamp until{};
    /// Called now and then with what is simulated already.
    std::function<void(Timestamp now, std::int64_t runs)> progress = [](Timestamp, std::int64_t) {};
};

struct SimulatedTask {
    std::string id;  // its key, or its name
    std::string name;
    std::string queue;
    Milliseconds duration{};
    std::int64_t runs = 0;
    std::int64_t missed = 0;    // instants without a run: `overlap: skip`
    std::int64_t overlaps = 0;  // runs that began while another one of it was out
    Milliseconds longest_wait{};
    std::vector<Timestamp> first_runs;  // at most simulated_first_runs
    std::vector<std::string> notes;     // about changes of clocks
};
constexpr std::size_t simulated_first_runs = 5;

struct BusiestMinute {
    Timestamp at{};
    std::int64_t starts = 0;
};

struct SimulatedQueue {
    int concurrency = 1;
    std::int64_t runs = 0;
    Milliseconds longest_wait{};
    Milliseconds busy{};  // the sum of its runs
    BusiestMinute busiest = {};
};

struct SimulationReport {
    Timestamp from{};
    Timestamp until{};  // earlier than asked for: simulated_runs_max was reached
    bool is_complete = true;
    std::int64_t runs = 0;
    std::size_t out_at_once = 0;
    BusiestMinute busiest = {};
    std::vector<SimulatedTask> tasks;  // in the order of the input
    std::map<std::string, SimulatedQueue> queues;
};

/// Runs the engine. Deterministic. Every run succeeds and takes as long as its task's did on average; callbacks and
/// retries are not part of it. Errors: `invalid` for an empty range and for one beyond simulated_time_max.
Result<SimulationReport> simulate(SimulationInput input);

/// Runs of a recurring task that a change of its zone's clocks moves or doubles: "2026-03-29T01:00:00Z: in the gap …".
std::vector<std::string> clock_notes(const Task& task, Timestamp from, Timestamp until);

}  // namespace punkt::app

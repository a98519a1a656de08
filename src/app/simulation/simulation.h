// What declared tasks will do between two instants: their runs, where they get in each other's way, and the load.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/simulation/load.h"
#include "core/execution.h"
#include "core/task.h"
#include "engine/ports.h"

namespace punkt::app {

constexpr std::chrono::hours simulated_time_max{31 * 24};
/// Starts, retries included, and runs that wait.
constexpr std::int64_t simulated_runs_max = 1'000'000;
/// Minutes that are kept of the limits, all together; those of the whole are kept in any case.
constexpr std::int64_t simulated_minutes_max = 200'000;
/// Keys of limits (core/queue.h) that are followed; of more the load is not counted, they hold all the same.
constexpr std::size_t simulated_keys_max = 1'000;
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
    /// The part of the attempts that fail with 500, 0 to 1: those that a generator started with `seed` chooses.
    double failure_rate = 0;
    std::uint64_t seed = 1;
    std::int64_t runs_max = simulated_runs_max;
    std::int64_t minutes_max = simulated_minutes_max;
    /// Asked often; true ends the simulation early.
    std::function<bool()> is_out_of_time = [] { return false; };
    /// Called now and then with what is simulated already.
    std::function<void(Timestamp now, std::int64_t runs)> progress = [](Timestamp, std::int64_t) {};
};

struct SimulatedTask {
    std::string id;  // its key, or its name
    std::string name;
    std::string queue;
    Milliseconds duration{};
    std::int64_t runs = 0;  // first attempts
    std::int64_t retries = 0;
    std::int64_t lost = 0;      // runs that failed and are not tried again
    std::int64_t missed = 0;    // instants without a run: `overlap: skip`
    std::int64_t overlaps = 0;  // runs that began while another one of it was out
    Milliseconds longest_wait{};
    std::vector<Timestamp> first_runs;  // at most simulated_first_runs
    std::vector<std::string> notes;     // about changes of clocks
};
constexpr std::size_t simulated_first_runs = 5;

struct SimulatedQueue {
    int concurrency = 1;
    std::int64_t runs = 0;
    Milliseconds longest_wait{};
    Milliseconds busy{};  // the sum of its runs
};

/// Why a simulation ended.
enum class SimulationEnd : std::uint8_t { complete, runs, time };

struct SimulationReport {
    Timestamp from{};
    Timestamp until{};  // earlier than asked for: it did not end as `complete`
    SimulationEnd end = SimulationEnd::complete;
    std::int64_t runs = 0;  // first attempts
    std::int64_t retries = 0;
    std::int64_t lost = 0;
    SimulatedLoad load;                 // of the organization
    std::vector<SimulatedLoad> limits;  // queues and keys with any load, by type and name
    bool has_all_keys = true;           // false: simulated_keys_max
    std::vector<SimulatedTask> tasks;   // in the order of the input
    std::map<std::string, SimulatedQueue> queues;
};

/// Runs the engine. Deterministic but for is_out_of_time. Every attempt takes as long as its task's did on average, and
/// succeeds unless failure_rate says otherwise: then retries, orders and blocked hosts do what they would do. Callbacks
/// and notices are not part of it. Errors: `invalid` for an empty range and for one beyond simulated_time_max.
Result<SimulationReport> simulate(SimulationInput input);

/// Runs of a recurring task that a change of its zone's clocks moves or doubles: "2026-03-29T01:00:00Z: in the gap …".
std::vector<std::string> clock_notes(const Task& task, Timestamp from, Timestamp until);

}  // namespace punkt::app

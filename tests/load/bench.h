// What every scenario works with: the options of the run, the machine's limits, a fresh Punkt with a sink, and the
// measuring of a stretch of time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "generator.h"
#include "punkt_server.h"
#include "report.h"
#include "sink.h"

namespace punkt::load {

enum class Size { quick, normal, full };

struct BenchOptions {
    std::string program = {};                   // the punkt binary
    std::string directory = {};                 // where data directories are made: on the disk that is to be measured
    std::vector<std::string> environment = {};  // for Punkt, on top of its defaults
    Size size = Size::normal;
    double minutes = 0;  // of mixed load; 0: by size
};

/// Measured once at the start of a run.
struct MachineLimits {
    double syncs_per_second = 0;  // append 200 B + fdatasync
    double loop_per_second = 0;   // generator → sink
    double echo_per_second = 0;   // generator → GET /livez of the same server
};

struct Bench {
    BenchOptions options;
    MachineLimits limits = {};
    Report report = {};

    template <class T>
    T by_size(T quick, T normal, T full) const {
        return options.size == Size::quick ? quick : options.size == Size::normal ? normal : full;
    }
};

/// A fresh Punkt, a key, and a sink. Torn down in reverse order: first Punkt, then its target, then its data.
struct Stage {
    std::vector<std::string> environment;
    std::unique_ptr<ScratchDirectory> directory;
    std::unique_ptr<Sink> sink;
    std::unique_ptr<PunktServer> server;
};

/// `numbers`: how many numbered tasks the sink knows. `environment`: for this Punkt, on top of the run's.
Result<Stage> set_stage(const Bench& bench, std::size_t numbers, std::vector<std::string> environment = {});
/// Starts Punkt again on the stage's data; the key stays. `server` must be stopped or killed.
Result<void> start_again(const Bench& bench, Stage& stage);

/// What a stretch of time cost.
struct Spent {
    double seconds = 0;
    Usage punkt = {};  // cpu, threads, written: the difference; memory: at the end
    double foreign_percent = 0;
};

class Span {
  public:
    /// `server` may be null: then Punkt is left out.
    explicit Span(const PunktServer* server);
    Spent end() const;

  private:
    const PunktServer* server_;
    std::int64_t start_ns_;
    std::int64_t machine_ns_;
    std::int64_t bench_ns_;
    Usage punkt_;
};

/// A line with CPU per task, threads and foreign CPU filled in.
Line line_of(std::string what, const Spent& spent, double tasks);
Verdict verdict(bool is_met);

/// POST /api/v1/tasks from many connections, answers 202. `when(n, out)` appends the members that say when, such as
/// `"delay":"1h"`; `headers`, if any, further header lines. Task n calls the stage's sink with number n.
using When = std::function<void(std::uint64_t n, std::string& out)>;
LoadOptions posting(const Stage& stage, int connections, When when, int sleep_ms = 0, When headers = {});
/// `"run_at":"2026-11-20T10:00:00.123Z"`; a time in the past is due at once.
void append_run_at(std::string& out, std::int64_t at_wall_ns);
When due_now();
When due_in(std::string_view delay);

/// Looks every 2 ms. False: not within the time, or the run was interrupted.
bool wait_until(double seconds_max, const std::function<bool()>& is_so);
void pause_for(double seconds);

/// How the tasks 0 … accepted−1 fared: nothing may be lost, nothing doubled while nothing crashed.
struct Delivered {
    std::uint64_t lost = 0;
    std::uint64_t doubled = 0;
    std::int64_t first_ns = 0;  // wall time of the first and the last first arrival
    std::int64_t last_ns = 0;
};
Delivered count_deliveries(const Sink& sink, std::uint64_t accepted);

}  // namespace punkt::load

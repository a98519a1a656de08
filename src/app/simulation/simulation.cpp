#include "app/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/simulation/virtual_world.h"
#include "engine/engine.h"

namespace punkt::app {
namespace {

constexpr Id organization = 1;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t progress_every_runs = 10'000;
constexpr Milliseconds progress_every{std::chrono::hours(6)};

/// Counts starts minute by minute; minutes come in order.
class MinuteCount {
  public:
    void start(Timestamp at) {
        const std::int64_t minute = to_ms(at) / minute_ms;
        if (minute != minute_) starts_ = 0;
        minute_ = minute;
        if (++starts_ > busiest.starts) busiest = {from_ms(minute * minute_ms), starts_};
    }
    BusiestMinute busiest;

  private:
    std::int64_t minute_ = -1;
    std::int64_t starts_ = 0;
};

class Simulation {
  public:
    explicit Simulation(SimulationInput input)
        : input_(std::move(input)),
          clock_(input_.from),
          store_(clock_, inbox_),
          targets_(
              clock_, inbox_, [this](Id run) { return started(run); }, [this](Id run) { ended(run); }),
          engine_({.clock = clock_, .random = random_, .store = store_, .transport = targets_, .directory = directory_},
                  inbox_, ids_, public_ids_, metrics_, {}) {}

    SimulationReport run();

  private:
    struct Watched {
        SimulatedTask report;
        std::int64_t out = 0;
    };
    void add_tasks();
    Milliseconds started(Id run);
    void ended(Id run);
    void missed(const Execution& execution);
    void settle();
    Milliseconds next_step() const;
    void tell_progress();

    SimulationInput input_;
    VirtualClock clock_;
    engine::Inbox inbox_;
    VirtualStore store_;
    VirtualTargets targets_;
    VirtualDirectory directory_;
    SeededRandom random_{1};
    IdMaker ids_;
    PublicIds public_ids_{PublicIds::Key{}};
    Metrics counts_;
    engine::EngineMetrics metrics_{counts_};
    engine::Engine engine_;

    SimulationReport report_;
    std::vector<Id> order_;
    std::unordered_map<Id, Watched> tasks_;
    std::unordered_map<Id, Id> task_of_run_;  // of what is out
    MinuteCount minutes_;
    std::map<std::string, MinuteCount> minutes_of_queues_;
    std::int64_t told_runs_ = 0;
    Timestamp told_at_{};
};

void Simulation::add_tasks() {
    directory_.concurrency = input_.concurrency;
    for (const auto& [name, settings] : input_.queues) directory_.lanes.emplace(lane_of(organization, name), settings);
    for (Task& task : input_.tasks) {
        task.id = ids_.next(clock_.now());
        task.organization = organization;
        Watched watched;
        watched.report.id = task.key.empty() ? task.name : task.key;
        watched.report.name = task.name;
        watched.report.queue = task.queue;
        const auto known = input_.durations.find(watched.report.id);
        watched.report.duration = known == input_.durations.end() ? simulated_duration_default : known->second;
        if (task.kind == TaskKind::cron && task.enabled)
            watched.report.notes = clock_notes(task, input_.from, input_.until);
        order_.push_back(task.id);
        tasks_.emplace(task.id, std::move(watched));
        store_.add(std::move(task));
    }
}

Milliseconds Simulation::started(Id run) {
    const Timer* const timer = store_.find(run);
    Watched& task = tasks_.at(timer->task);
    const Timestamp now = clock_.now();
    const auto wait = std::max(now - timer->scheduled_for, Milliseconds{0});
    SimulatedTask& report = task.report;
    ++report.runs;
    ++report_.runs;
    if (task.out++ > 0) ++report.overlaps;
    report.longest_wait = std::max(report.longest_wait, wait);
    if (report.first_runs.size() < simulated_first_runs) report.first_runs.push_back(now);
    minutes_.start(now);
    if (!report.queue.empty()) {
        SimulatedQueue& queue = report_.queues[report.queue];
        ++queue.runs;
        queue.busy += report.duration;
        queue.longest_wait = std::max(queue.longest_wait, wait);
        minutes_of_queues_[report.queue].start(now);
    }
    task_of_run_.emplace(run, timer->task);
    report_.out_at_once = std::max(report_.out_at_once, task_of_run_.size());
    return report.duration;
}

void Simulation::ended(Id run) {
    const auto found = task_of_run_.find(run);
    --tasks_.at(found->second).out;
    task_of_run_.erase(found);
}

void Simulation::missed(const Execution& execution) { ++tasks_.at(execution.task).report.missed; }

/// Until nothing happens any more without time passing.
void Simulation::settle() {
    do {
        engine_.tick();
    } while (static_cast<int>(store_.take_activity()) + static_cast<int>(targets_.deliver()) > 0 ||
             (engine_.idle_for() == Milliseconds{0} && report_.runs < simulated_runs_max));
}

/// To the next moment at which something can happen.
Milliseconds Simulation::next_step() const {
    Milliseconds step = input_.until - clock_.now();
    if (const auto answer = targets_.next_answer_in()) step = std::min(step, *answer);
    if (const auto due = store_.next_due()) step = std::min(step, *due - clock_.now());
    // What is due but not out waits in a queue, perhaps for a rate: the engine knows when to look again.
    if (store_.due() > targets_.open()) step = std::min(step, engine_.idle_for());
    return std::max(step, Milliseconds{1});
}

void Simulation::tell_progress() {
    if (report_.runs < told_runs_ + progress_every_runs && clock_.now() < told_at_ + progress_every) return;
    told_runs_ = report_.runs;
    told_at_ = clock_.now();
    input_.progress(told_at_, told_runs_);
}

SimulationReport Simulation::run() {
    report_.from = input_.from;
    store_.missed = [this](const Execution& execution) { missed(execution); };
    add_tasks();
    settle();
    while (clock_.now() < input_.until && report_.runs < simulated_runs_max) {
        clock_.advance(next_step());
        store_.time_passed();
        if (clock_.now() >= input_.until) break;
        settle();
        tell_progress();
    }
    report_.until = clock_.now();
    report_.is_complete = report_.until >= input_.until;
    report_.busiest = minutes_.busiest;
    for (const Id id : order_) report_.tasks.push_back(std::move(tasks_.at(id).report));
    for (auto& [name, queue] : report_.queues) {
        queue.busiest = minutes_of_queues_[name].busiest;
        const auto settings = input_.queues.find(name);
        if (settings != input_.queues.end()) queue.concurrency = settings->second.concurrency;
    }
    return std::move(report_);
}

}  // namespace

Result<SimulationReport> simulate(SimulationInput input) {
    if (input.until <= input.from) return Error{ErrorKind::invalid, "the time to simulate ends before it begins"};
    if (input.until - input.from > simulated_time_max)
        return Error{ErrorKind::invalid,
                     fmt::format("at most {} days can be simulated", simulated_time_max / std::chrono::hours{24})};
    return Simulation(std::move(input)).run();
}

}  // namespace punkt::app

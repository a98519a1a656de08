#include "app/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <unordered_set>

#include "app/simulation/virtual_world.h"
#include "engine/engine.h"

namespace punkt::app {
namespace {

constexpr Id organization = 1;
constexpr int steps_between_looks = 64;  // at the time that is left
constexpr int status_of_failures = 500;
constexpr std::int64_t progress_every_runs = 10'000;
constexpr Milliseconds progress_every{std::chrono::hours(6)};

class Simulation {
  public:
    explicit Simulation(SimulationInput input)
        : input_(std::move(input)),
          clock_(input_.from),
          store_(clock_, inbox_),
          targets_(
              clock_, inbox_, [this](Id run) { return started(run); },
              [this](Id run, int status) { ended(run, status); }),
          random_(input_.seed),
          failures_(input_.seed + 1),
          engine_({.clock = clock_, .random = random_, .store = store_, .transport = targets_, .directory = directory_},
                  inbox_, ids_, public_ids_, metrics_, {}) {}

    SimulationReport run();

  private:
    struct Watched {
        SimulatedTask report;
        std::int64_t out = 0;
        std::vector<std::size_t> meters;  // of the limits that its runs share
    };
    void listen();
    void add_tasks();
    std::vector<std::size_t> meters_of(const Task& task);
    std::size_t meter_of(SimulatedLoad limit);
    VirtualTargets::Fate started(Id run);
    void ended(Id run, int status);
    void over(const Execution& execution, bool is_last);
    void came_due(const Timer& timer);
    void left(Id task);
    /// Those that wait count as well: behind a paused queue they only become more.
    bool has_runs_left() const {
        return report_.runs + report_.retries + static_cast<std::int64_t>(waiting_.size()) < input_.runs_max;
    }
    void finish();
    void settle();
    Milliseconds next_step() const;
    void tell_progress();

    SimulationInput input_;
    VirtualClock clock_;
    engine::Inbox inbox_;
    VirtualStore store_;
    VirtualTargets targets_;
    VirtualDirectory directory_;
    SeededRandom random_;    // of the engine
    SeededRandom failures_;  // of the targets
    IdMaker ids_;
    PublicIds public_ids_{PublicIds::Key{}};
    Metrics counts_;
    engine::EngineMetrics metrics_{counts_};
    engine::Engine engine_;

    SimulationReport report_;
    std::vector<Id> order_;
    std::unordered_map<Id, Watched> tasks_;
    std::unordered_map<Id, Id> task_of_run_;  // of what is out
    std::unordered_set<Id> waiting_;          // runs that are due and not out
    std::int64_t points_of_all_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t points_ = input_.minutes_max;
    LoadMeter all_{{.concurrency = input_.concurrency}, points_of_all_};
    std::deque<LoadMeter> meters_;
    std::map<std::pair<SimulatedLoad::Type, std::string>, std::size_t> meter_numbers_;
    std::vector<std::size_t> touched_;  // meters of those who came due or left since the world stood still
    std::size_t keys_ = 0;
    std::int64_t told_runs_ = 0;
    Timestamp told_at_{};
};

void Simulation::listen() {
    store_.missed = [this](const Execution& execution) { ++tasks_.at(execution.task).report.missed; };
    store_.over = [this](const Execution& execution, bool is_last) { over(execution, is_last); };
    store_.came_due = [this](const Timer& timer) { came_due(timer); };
    store_.gone = [this](const Timer& timer) {
        if (waiting_.erase(timer.id) > 0) left(timer.task);
    };
}

/// The number of the meter of a limit; a new one when nobody has named it yet.
std::size_t Simulation::meter_of(SimulatedLoad limit) {
    const auto [found, is_new] = meter_numbers_.try_emplace({limit.type, limit.name}, meters_.size());
    if (is_new) meters_.emplace_back(std::move(limit), points_);
    return found->second;
}

std::vector<std::size_t> Simulation::meters_of(const Task& task) {
    std::vector<std::size_t> numbers;
    if (!task.queue.empty()) {
        SimulatedLoad limit{.type = SimulatedLoad::Type::queue, .name = task.queue, .concurrency = 1};
        if (const auto settings = input_.queues.find(task.queue); settings != input_.queues.end()) {
            limit.concurrency = settings->second.concurrency;
            limit.rate = settings->second.rate;
        }
        numbers.push_back(meter_of(std::move(limit)));
    }
    for (const KeyLimit& key : task.key_limits) {
        const bool is_new = !meter_numbers_.contains({SimulatedLoad::Type::key, key.key});
        if (is_new && ++keys_ > simulated_keys_max) {
            report_.has_all_keys = false;
            continue;
        }
        numbers.push_back(meter_of(
            {.type = SimulatedLoad::Type::key, .name = key.key, .concurrency = key.concurrency, .rate = key.rate}));
    }
    return numbers;
}

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
        watched.meters = meters_of(task);
        const auto known = input_.durations.find(watched.report.id);
        watched.report.duration = known == input_.durations.end() ? simulated_duration_default : known->second;
        if (task.kind == TaskKind::cron && task.enabled)
            watched.report.notes = clock_notes(task, input_.from, input_.until);
        order_.push_back(task.id);
        tasks_.emplace(task.id, std::move(watched));
        store_.add(std::move(task));
    }
}

VirtualTargets::Fate Simulation::started(Id run) {
    const Timer* const timer = store_.find(run);
    Watched& task = tasks_.at(timer->task);
    const Timestamp now = clock_.now();
    const auto wait = std::max(now - timer->scheduled_for, Milliseconds{0});
    const bool is_retry = timer->attempt > 1;
    SimulatedTask& report = task.report;
    ++(is_retry ? report.retries : report.runs);
    ++(is_retry ? report_.retries : report_.runs);
    if (task.out++ > 0) ++report.overlaps;
    report.longest_wait = std::max(report.longest_wait, wait);
    if (!is_retry && report.first_runs.size() < simulated_first_runs) report.first_runs.push_back(now);
    if (!report.queue.empty()) {
        SimulatedQueue& queue = report_.queues[report.queue];
        ++queue.runs;
        queue.busy += report.duration;
        queue.longest_wait = std::max(queue.longest_wait, wait);
    }
    if (waiting_.erase(run) > 0) left(timer->task);
    all_.started(now, is_retry);
    for (const std::size_t number : task.meters) meters_[number].started(now, is_retry);
    task_of_run_.emplace(run, timer->task);
    // Two draws of one generator would tie the failures to the engine's own dice.
    const bool fails = static_cast<double>(failures_.next() >> 11U) * 0x1p-53 < input_.failure_rate;
    return {report.duration, fails ? status_of_failures : 200};
}

void Simulation::ended(Id run, int status) {
    const auto found = task_of_run_.find(run);
    Watched& task = tasks_.at(found->second);
    const Timestamp now = clock_.now();
    --task.out;
    all_.ended(now, status != 200);
    for (const std::size_t number : task.meters) meters_[number].ended(now, status != 200);
    task_of_run_.erase(found);
}

void Simulation::over(const Execution& execution, bool is_last) {
    if (!is_last || execution.status == Status::success || execution.status == Status::missed) return;
    ++tasks_.at(execution.task).report.lost;
    ++report_.lost;
}

void Simulation::came_due(const Timer& timer) {
    if (timer.kind != Timer::Kind::run || !waiting_.insert(timer.id).second) return;
    all_.came_due();
    for (const std::size_t number : tasks_.at(timer.task).meters) {
        meters_[number].came_due();
        touched_.push_back(number);
    }
}

/// A run of `task` does not wait any more.
void Simulation::left(Id task) {
    all_.left();
    for (const std::size_t number : tasks_.at(task).meters) {
        meters_[number].left();
        touched_.push_back(number);
    }
}

/// Until nothing happens any more without time passing.
void Simulation::settle() {
    do {
        engine_.tick();
    } while (static_cast<int>(store_.take_activity()) + static_cast<int>(targets_.deliver()) > 0 ||
             (engine_.idle_for() == Milliseconds{0} && has_runs_left()));
    all_.settled(clock_.now());
    for (const std::size_t number : touched_) meters_[number].settled(clock_.now());
    touched_.clear();
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
    if (report_.runs + report_.retries < told_runs_ + progress_every_runs && clock_.now() < told_at_ + progress_every)
        return;
    told_runs_ = report_.runs + report_.retries;
    told_at_ = clock_.now();
    input_.progress(told_at_, told_runs_);
}

SimulationReport Simulation::run() {
    report_.from = input_.from;
    listen();
    add_tasks();
    settle();
    for (int steps = 1; clock_.now() < input_.until && has_runs_left(); ++steps) {
        if (steps % steps_between_looks == 0 && input_.is_out_of_time()) {
            report_.end = SimulationEnd::time;
            break;
        }
        clock_.advance(next_step());
        store_.time_passed();
        if (clock_.now() >= input_.until) break;
        settle();
        tell_progress();
    }
    finish();
    return std::move(report_);
}

void Simulation::finish() {
    report_.until = clock_.now();
    if (report_.until < input_.until && report_.end == SimulationEnd::complete) report_.end = SimulationEnd::runs;
    report_.load = all_.finish(report_.until);
    for (const auto& [name, number] : meter_numbers_) {
        SimulatedLoad load = meters_[number].finish(report_.until);
        if (load.starts + load.waiting_max > 0) report_.limits.push_back(std::move(load));
    }
    for (const Id id : order_) report_.tasks.push_back(std::move(tasks_.at(id).report));
    for (auto& [name, queue] : report_.queues) {
        const auto settings = input_.queues.find(name);
        if (settings != input_.queues.end()) queue.concurrency = settings->second.concurrency;
    }
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

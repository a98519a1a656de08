#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/delivery.h"
#include "core/retry.h"
#include "core/verdict.h"

namespace punkt::engine {
namespace {

constexpr Milliseconds idle_max{1'000};
constexpr std::size_t fetch_batch = 500;

/// What a beat or a run without a task leaves behind: its timer goes, nothing follows.
store::Transition dropped(const Timer& timer) {
    store::Transition transition{.timer = timer};
    if (timer.kind == Timer::Kind::beat) transition.next_run_at.emplace(std::nullopt);
    return transition;
}

std::vector<double> lateness_buckets() {
    return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 300};
}

}  // namespace

EngineMetrics::EngineMetrics(Metrics& metrics)
    : started(metrics.counter("punkt_executions_started_total", "Attempts sent")),
      succeeded(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "success"}})),
      failed(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "failed"}})),
      timed_out(metrics.counter("punkt_executions_finished_total", "Attempts finished", {{"status", "timeout"}})),
      retried(metrics.counter("punkt_retries_total", "Retries scheduled")),
      missed(metrics.counter("punkt_missed_total", "Cron instants recorded as missed")),
      waiting(metrics.gauge("punkt_executions_waiting", "Due and not started")),
      near(metrics.gauge("punkt_timers_near", "Pending and held in memory")),
      in_flight(metrics.gauge("punkt_executions_in_flight", "Attempts out now")),
      lateness_s(metrics.histogram("punkt_lateness_seconds", "Start minus due time", lateness_buckets())),
      delivery_s(metrics.histogram("punkt_delivery_seconds", "Duration of attempts", Metrics::seconds_buckets())) {}

Engine::Engine(Ports ports, Inbox& inbox, IdMaker& ids, const PublicIds& public_ids, EngineMetrics& metrics,
               Options options)
    : ports_(ports),
      inbox_(inbox),
      ids_(ids),
      public_ids_(public_ids),
      metrics_(metrics),
      options_(options),
      near_(ports.clock.now(), ports.store),
      lanes_(ports.directory),
      beats_(ids),
      tasks_(options.cache_bytes_max) {}

void Engine::tick() {
    take_arrivals();
    start_due();
    metrics_.waiting.set(static_cast<double>(lanes_.waiting()));
    metrics_.near.set(static_cast<double>(near_.timers().size()));
    metrics_.in_flight.set(static_cast<double>(running_.size()));
}

Milliseconds Engine::idle_for() const {
    if (!starting_) return idle_max;
    if (!resumed_.empty() || (near_.is_complete() && lanes_.can_hand_out() && has_room())) return Milliseconds{0};
    const auto look = near_.timers().next_look();
    if (!look) return idle_max;
    return std::clamp(*look - ports_.clock.now(), Milliseconds{0}, idle_max);
}

bool Engine::has_room() const {
    return running_.size() < static_cast<std::size_t>(options_.in_flight_max) &&
           recordings_out_ < static_cast<std::size_t>(options_.recordings_out_max);
}

// ---- what arrived ----------------------------------------------------------------------------------------------

// The order matters: what was committed first is known first. A timer is armed before its batch is confirmed, and
// confirmed before somebody's later change takes it away.
void Engine::take_arrivals() {
    Inbox::Arrivals arrivals = inbox_.take();
    const Microseconds elapsed = ports_.clock.elapsed();
    for (auto& load : arrivals.timers_loaded) {
        std::vector<Timer> fresh;
        near_.loaded(load.from, load.until, std::move(load.timers), elapsed, fresh);
        for (const Timer& timer : fresh) {
            if (timer.attempt > 1) lanes_.block(timer);
            if (timer.kind == Timer::Kind::run) beats_.run_armed(timer);
        }
    }
    for (auto& armed : arrivals.armed) accept(armed.timer, std::move(armed.task));
    for (const auto& recorded : arrivals.recorded) take_recorded(recorded);
    for (auto& changed : arrivals.changed) take_changed(std::move(changed));
    take_holds(arrivals);
    for (auto& loaded : arrivals.loaded) take_loaded(std::move(loaded));

    std::vector<store::Transition> outcomes;
    outcomes.reserve(arrivals.answers.size());
    for (Answer& answer : arrivals.answers) judge_answer(std::move(answer), outcomes);
    if (!outcomes.empty()) record(std::move(outcomes));
    for (auto& [number, batch] : batches_) {
        if (!batch.again_at || *batch.again_at > elapsed) continue;
        batch.again_at.reset();
        ports_.store.record(number, batch.transitions);
    }
}

void Engine::accept(const Timer& timer, TaskPtr task) {
    if (!near_.add(timer)) return;
    if (timer.attempt > 1) lanes_.block(timer);
    if (timer.kind == Timer::Kind::run) beats_.run_armed(timer);
    // What starts soon keeps its task at hand; the rest is read when its time comes.
    if (task && timer.due <= ports_.clock.now() + std::chrono::seconds{2}) tasks_.put(std::move(task));
}

void Engine::take_changed(Inbox::TaskChanged changed) {
    tasks_.forget(changed.task);
    beats_.forget(changed.task);
    for (auto& [timer, task] : resumed_)
        if (timer.task == changed.task) task = nullptr;  // read again at its start
    for (const Timer& timer : changed.gone) {
        near_.removed(timer);
        held_executions_.erase(timer.id);
        if (running_.contains(timer.id)) continue;
        if (timer.kind == Timer::Kind::run) beats_.run_over(timer);
        if (timer.attempt > 1) lanes_.unblock(timer);
        const auto kept = std::find_if(kept_back_.begin(), kept_back_.end(), [&](const Timer& other) {
            return other.id == timer.id && other.due == timer.due;
        });
        if (kept != kept_back_.end())
            kept_back_.erase(kept);
        else if (near_.is_near(timer.due))
            gone_.insert({timer.id, timer.due});
    }
    held_tasks_.erase(changed.task);
    for (auto& armed : changed.now) accept(armed.timer, std::move(armed.task));
}

void Engine::take_holds(Inbox::Arrivals& arrivals) {
    for (Hold& hold : arrivals.holds) {
        bool running = false;
        if (hold.execution != 0) {
            running = running_.contains(hold.execution);
            if (!running) held_executions_.insert(hold.execution);
        } else {
            running = std::any_of(running_.begin(), running_.end(),
                                  [&](const auto& run) { return run.second.timer.task == hold.task; });
            held_tasks_.insert(hold.task);
        }
        hold.done(running);
    }
    for (const Hold& hold : arrivals.releases) {
        held_executions_.erase(hold.execution);
        held_tasks_.erase(hold.task);
    }
    for (RunningQuestion& question : arrivals.questions) {
        std::vector<Id> running;
        for (const auto& [id, run] : running_)
            if (run.timer.task == question.task) running.push_back(id);
        question.done(std::move(running));
    }
    if (kept_back_.empty()) return;
    for (const Timer& timer : std::exchange(kept_back_, {})) {
        if (held_executions_.contains(timer.id) || held_tasks_.contains(timer.task))
            kept_back_.push_back(timer);
        else
            near_.timers().add(timer);
    }
}

void Engine::take_loaded(Inbox::Loaded loaded) {
    if (!loaded.tasks) {
        log::error("{} tasks could not be read, trying again: {}", loaded.asked.size(), loaded.tasks.error().message);
        to_fetch_.insert(to_fetch_.end(), loaded.asked.begin(), loaded.asked.end());
        return;
    }
    std::unordered_map<Id, TaskPtr> found;
    for (TaskPtr& task : *loaded.tasks) {
        found[task->id] = task;
        tasks_.put(std::move(task));
    }
    std::vector<store::Transition> orphans;
    for (const Id id : loaded.asked) {
        const auto waiting = waiting_for_task_.find(id);
        if (waiting == waiting_for_task_.end()) continue;
        const std::vector<Timer> timers = std::move(waiting->second);
        waiting_for_task_.erase(waiting);
        const TaskPtr task = found[id];
        for (const Timer& timer : timers) {
            if (!task) {
                if (timer.kind == Timer::Kind::run) lanes_.dropped(timer);
                orphans.push_back(dropped(timer));
            } else if (timer.kind == Timer::Kind::beat) {
                near_.timers().add(timer);  // comes due again at once
            } else {
                resumed_.push_back({timer, task});  // keeps its place in its lane
            }
        }
    }
    if (!orphans.empty()) record(std::move(orphans));
}

// ---- answers and records -----------------------------------------------------------------------------------------

void Engine::judge_answer(Answer answer, std::vector<store::Transition>& outcomes) {
    const auto found = running_.find(static_cast<Id>(answer.ticket));
    if (found == running_.end()) return;
    const Running run = std::move(found->second);
    running_.erase(found);
    if (answer.failure == Failure::cancelled) return;  // closing: its timer stays, it runs again after the start
    outcomes.push_back(outcome_of(run, std::move(answer)));
}

store::Transition Engine::outcome_of(const Running& run, Answer answer) {
    const Timestamp now = ports_.clock.now();
    const Timer& timer = run.timer;
    const Verdict verdict =
        judge(*run.task, answer, timer.attempt, standard_retry_policy(options_.retry_base), now, ports_.random);

    Execution execution;
    execution.id = timer.id;
    execution.task = timer.task;
    execution.organization = timer.organization;
    execution.first = timer.first;
    execution.attempt = timer.attempt;
    execution.deliveries = run.deliveries;
    execution.task_version = run.task->version;
    execution.cause = timer.cause;
    execution.status = verdict.status;
    execution.scheduled_for = timer.scheduled_for;
    execution.started_at = run.started_at;
    execution.finished_at = std::max(now, run.started_at);
    execution.status_code = answer.status;
    execution.error_message = verdict.error;
    execution.address = std::move(answer.address);
    execution.timings = answer.timings;
    execution.request_head = std::move(answer.request_head);
    execution.response_head = std::move(answer.response_head);
    execution.response_body = std::move(answer.body);
    execution.response_truncated = answer.body_truncated;

    store::Transition transition{.timer = timer};
    if (verdict.retry_at) {
        Timer retry = timer;
        retry.id = ids_.next(now);
        retry.cause = Cause::retry;
        ++retry.attempt;
        retry.due = retry.scheduled_for = *verdict.retry_at;
        execution.next = retry.id;
        execution.next_at = retry.due;
        transition.arm.push_back(retry);
        metrics_.retried.add();
    }
    transition.record = std::move(execution);

    (verdict.status == Status::success  ? metrics_.succeeded
     : verdict.status == Status::failed ? metrics_.failed
                                        : metrics_.timed_out)
        .add();
    metrics_.delivery_s.observe(static_cast<double>(answer.timings.total_us) / 1e6);
    return transition;
}

void Engine::record(std::vector<store::Transition> transitions) {
    const std::uint64_t number = ++last_batch_;
    recordings_out_ += transitions.size();
    Batch& batch = batches_[number];
    batch.transitions = std::move(transitions);
    ports_.store.record(number, batch.transitions);
}

void Engine::take_recorded(const Inbox::Recorded& recorded) {
    const auto found = batches_.find(recorded.batch);
    if (found == batches_.end()) return;
    if (!recorded.stale) {
        log::warn("the store refused {} outcomes, trying again: {}", found->second.transitions.size(),
                  recorded.stale.error().message);
        found->second.again_at = ports_.clock.elapsed() + options_.store_retry;
        return;
    }
    std::vector<store::Transition> transitions = std::move(found->second.transitions);
    batches_.erase(found);
    recordings_out_ -= transitions.size();
    for (const std::size_t place : *recorded.stale) {
        transitions[place].arm.clear();
        transitions[place].missed.clear();
    }
    for (const auto& transition : transitions) confirm(transition);
}

void Engine::confirm(const store::Transition& transition) {
    const Timer& timer = transition.timer;
    near_.removed(timer);
    metrics_.missed.add(transition.missed.size());
    if (timer.kind == Timer::Kind::run) {
        const bool retry_follows = !transition.arm.empty();
        if (transition.record) {
            ports_.store.ended(timer.id);
            lanes_.finished(timer, retry_follows);
        }
        beats_.run_over(timer);
        if (!retry_follows && timer.cause != Cause::schedule) tasks_.forget(timer.task);
    }
    for (const Timer& next : transition.arm) accept(next, nullptr);
}

// ---- starting ----------------------------------------------------------------------------------------------------

void Engine::start_due() {
    const Timestamp now = ports_.clock.now();
    near_.look_ahead(now, ports_.clock.elapsed());
    if (!starting_ || !near_.is_complete()) return;

    std::vector<Timer> soon;
    near_.timers().advance(now, soon);
    for (const Timer& timer : soon)
        if (!tasks_.find(timer.task)) fetch(timer.task);

    std::vector<store::Transition> transitions;
    sort_due(now, transitions);
    std::vector<Request> requests;
    int budget = options_.starts_per_tick_max;
    for (auto& [timer, task] : std::exchange(resumed_, {})) {
        start(timer, std::move(task), now, requests, transitions);
        --budget;
    }
    while (budget-- > 0 && has_room()) {
        const auto timer = lanes_.next();
        if (!timer) break;
        start(*timer, tasks_.find(timer->task), now, requests, transitions);
    }
    if (!requests.empty()) ports_.transport.send(std::move(requests));
    if (!transitions.empty()) record(std::move(transitions));
    send_fetches();
}

/// Due runs enter their lanes; due beats become transitions once their task is here.
void Engine::sort_due(Timestamp now, std::vector<store::Transition>& beats) {
    for (int i = 0; i < options_.starts_per_tick_max; ++i) {
        const auto timer = near_.timers().take_due(now);
        if (!timer) return;
        if (is_withdrawn(*timer)) continue;
        if (timer->kind == Timer::Kind::run) {
            lanes_.add(*timer);
        } else if (const TaskPtr task = tasks_.find(timer->task)) {
            beats.push_back(beats_.plan(*timer, *task, now));
        } else {
            waiting_for_task_[timer->task].push_back(*timer);
            fetch(timer->task);
        }
    }
}

bool Engine::is_withdrawn(const Timer& timer) {
    if (!gone_.empty() && gone_.erase({timer.id, timer.due}) > 0) return true;
    if (held_executions_.contains(timer.id) || held_tasks_.contains(timer.task)) {
        kept_back_.push_back(timer);
        return true;
    }
    return false;
}

void Engine::start(const Timer& timer, TaskPtr task, Timestamp now, std::vector<Request>& requests,
                   std::vector<store::Transition>& transitions) {
    if (is_withdrawn(timer)) return lanes_.dropped(timer);
    if (!task) {
        waiting_for_task_[timer.task].push_back(timer);
        return fetch(timer.task);
    }
    if (task->deleted_at) {
        lanes_.dropped(timer);
        transitions.push_back(dropped(timer));
        return;
    }
    const int deliveries = ports_.store.started(timer.id);
    const std::string secret = ports_.directory.webhook_secret(timer.organization);
    Request request = build_request(
        task, timer, {.ids = public_ids_, .webhook_secret = secret, .deliveries = deliveries, .now = now});
    request.ticket = static_cast<std::uint64_t>(timer.id);
    requests.push_back(std::move(request));
    running_.emplace(timer.id,
                     Running{.timer = timer, .task = std::move(task), .started_at = now, .deliveries = deliveries});
    metrics_.started.add();
    metrics_.lateness_s.observe(static_cast<double>((now - timer.due).count()) / 1e3);
}

void Engine::fetch(Id task) { to_fetch_.push_back(task); }

void Engine::send_fetches() {
    if (to_fetch_.empty()) return;
    std::sort(to_fetch_.begin(), to_fetch_.end());
    to_fetch_.erase(std::unique(to_fetch_.begin(), to_fetch_.end()), to_fetch_.end());
    for (std::size_t i = 0; i < to_fetch_.size(); i += fetch_batch) {
        const auto end = std::min(to_fetch_.size(), i + fetch_batch);
        ports_.store.load_tasks(
            {to_fetch_.begin() + static_cast<std::ptrdiff_t>(i), to_fetch_.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    to_fetch_.clear();
}

}  // namespace punkt::engine

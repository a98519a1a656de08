#include "engine/engine.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/delivery.h"
#include "core/retry.h"

namespace punkt::engine {
namespace {

constexpr Milliseconds idle_max{1'000};
constexpr std::chrono::seconds soon{2};
constexpr std::chrono::seconds hold_wait_max{2};

}  // namespace

Engine::Engine(Ports ports, Inbox& inbox, IdMaker& ids, const PublicIds& public_ids, EngineMetrics& metrics,
               Options options)
    : ports_(ports),
      inbox_(inbox),
      ids_(ids),
      public_ids_(public_ids),
      metrics_(metrics),
      options_(options),
      standard_(standard_retry_policy(options.retry_base)),
      near_(ports.clock.now(), ports.store),
      lanes_(ports.directory, ports.starts),
      hosts_(options.hosts, ports.host_log),
      beats_(ids, ports.directory),
      aftermath_(ports.follow_ups, ids),
      tasks_(ports.store, options.cache_bytes_max),
      outbox_(ports.store, options.store_retry) {
    lanes_.remember_starts(ports.clock.now(), ports.clock.elapsed());
}

void Engine::tick() {
    take_arrivals();
    start_due();
    metrics_.waiting.set(static_cast<double>(lanes_.waiting()));
    metrics_.near.set(static_cast<double>(near_.size()));
    metrics_.in_flight.set(static_cast<double>(running_.size()));
}

Milliseconds Engine::idle_for() const {
    if (near_.has_loaded()) return Milliseconds{0};
    if (!starting_ || !near_.knows(ports_.clock.now())) return idle_max;
    if (!ready_.empty() || !late_.empty() || (lanes_.can_hand_out() && has_room())) return Milliseconds{0};
    Milliseconds idle = idle_max;
    if (const auto look = near_.next_look()) idle = std::min(idle, *look - ports_.clock.now());
    if (const auto wake = lanes_.next_wake())
        idle = std::min(idle, std::chrono::ceil<Milliseconds>(*wake - ports_.clock.elapsed()));
    if (const auto wake = hosts_.next_wake(ports_.clock.now())) idle = std::min(idle, *wake - ports_.clock.now());
    return std::max(idle, Milliseconds{0});
}

/// So many more may be out.
int Engine::room() const {
    if (outbox_.size() >= static_cast<std::size_t>(options_.recordings_out_max)) return 0;
    const std::size_t out = running_.size() + ready_.size() + without_task_count_ + holds_.kept();
    return std::max(0, options_.in_flight_max - static_cast<int>(out));
}

// ---- what arrived ----------------------------------------------------------------------------------------------

void Engine::take_arrivals() {
    Inbox::Arrivals arrivals = inbox_.take();
    for (auto& event : arrivals.events) std::visit([this](auto& one) { take(std::move(one)); }, event);
    sort_in_loaded();
    judge_answers(std::move(arrivals.answers));
    outbox_.offer_again(ports_.clock.elapsed());
    if (!waiting_holds_.empty()) answer_waiting_holds();
    for (const Timer& timer : holds_.take_free()) ready_.push_back(timer);
}

void Engine::take(std::vector<store::Armed> armed) {
    for (auto& [timer, task] : armed) {
        learn(timer);
        // What starts soon keeps its task at hand; the rest is read when its time comes. Only what a task is created
        // with is surely its newest version.
        if (task && timer.cause == Cause::create && timer.due <= ports_.clock.now() + soon) tasks_.put(std::move(task));
    }
}

void Engine::sort_in_loaded() {
    if (!near_.has_loaded()) return;
    for (const Timer& timer : near_.sort_in(static_cast<std::size_t>(options_.sorted_in_per_tick_max))) {
        // What a crash has interrupted comes first: nobody overtakes it in its serial queue.
        if (timer.lane != 0 && ports_.store.was_started(timer.id)) lanes_.block(timer);
        take_in(timer);
    }
}

/// A timer that is stored now. What it holds back it holds back however far it is.
void Engine::learn(const Timer& timer) {
    if (near_.add(timer) != NearFuture::Added::known) take_in(timer);
}

void Engine::take_in(const Timer& timer) {
    if (timer.attempt > 1) lanes_.retry_waits(timer);
    if (timer.kind == Timer::Kind::run) beats_.run_armed(timer);
}

void Engine::take(Inbox::Recorded recorded) {
    for (const auto& transition : outbox_.recorded(recorded, ports_.clock.elapsed())) confirm(transition);
}

void Engine::confirm(const store::Transition& transition) {
    const Timer& timer = transition.timer;
    near_.removed(timer);
    metrics_.missed.add(transition.missed.size());
    if (timer.kind == Timer::Kind::run) {
        const bool retry_follows = !transition.arm.empty();
        if (transition.record) {
            ports_.store.ended(timer.id);
            const auto& [began, ended] = std::tie(transition.record->started_at, transition.record->finished_at);
            if (began && ended) lanes_.took(timer, *ended - *began);
            if (const auto waited = ended_waiting_.extract(timer.id))
                end_confirmed(waited.mapped());
            else
                lanes_.finished(timer, retry_follows);
        }
        if (!retry_follows) beats_.run_over(timer);
        if (!retry_follows && timer.cause != Cause::schedule) forget(timer.task);
    }
    for (const Timer& next : transition.arm) learn(next);
    if (!transition.follow_ups.empty()) take(transition.follow_ups);
}

/// A task that is not needed soon is read again when it is. What its last run came to is then on disk.
void Engine::forget(Id task) {
    tasks_.forget(task);
    if (aftermath_.knows(task) && runs_out(task).empty()) aftermath_.forget(task);
}

/// What is moved stands in both lists; it must not lose its hold on its lane in between.
void Engine::take(Inbox::TaskChanged changed) {
    tasks_.changed(changed.task);
    if (aftermath_.knows(changed.task) && runs_out(changed.task).empty()) aftermath_.forget(changed.task);
    beats_.forget(changed.task);
    for (const Timer& timer : changed.gone) {
        if (timer.kind == Timer::Kind::run && near_.is_started(timer)) continue;  // its answer still comes
        near_.removed(timer);
        if (timer.kind == Timer::Kind::beat) continue;
        // It comes out of its lane when its turn comes, and is dropped.
        if (const auto waiting = hosts_.take_out(timer.id)) lanes_.rejoin(*waiting);
        const auto moved = std::find_if(changed.now.begin(), changed.now.end(),
                                        [&](const store::Armed& armed) { return armed.timer.id == timer.id; });
        const bool is_moved = moved != changed.now.end();
        if (!is_moved) beats_.run_over(timer);
        if (!is_moved || moved->timer.lane != timer.lane)
            lanes_.unblock(timer);
        else
            lanes_.moved(timer);
    }
    for (const auto& armed : changed.now) learn(armed.timer);
}

void Engine::take(Inbox::Loaded loaded) {
    std::vector<store::Transition> orphans;
    for (const auto& [id, task] : tasks_.loaded(loaded.asked, std::move(loaded.tasks), ports_.clock.elapsed())) {
        if (const auto late = late_without_task_.extract(id); late && task)
            late_.insert(late_.end(), late.mapped().begin(), late.mapped().end());
        const auto waiting = without_task_.find(id);
        if (waiting == without_task_.end()) continue;
        without_task_count_ -= waiting->second.size();
        for (const Timer& timer : waiting->second) {
            if (task) {
                ready_.push_back(timer);
            } else if (near_.is_current(timer)) {
                near_.started(timer);
                give_up(timer);
                orphans.push_back(dropped(timer));
            } else {
                give_up(timer);
            }
        }
        without_task_.erase(waiting);
    }
    outbox_.record(std::move(orphans));
}

void Engine::take(Hold hold) {
    if (hold.lane != 0) {
        holds_.hold_lane(hold.lane);
        return hold.done({.now = ports_.clock.now()});
    }
    if (hold.execution == 0) {
        waiting_holds_.push_back({std::move(hold), ports_.clock.elapsed() + hold_wait_max});
        return answer_waiting_holds();
    }
    const bool running = near_.is_started(hold.execution);
    if (!running) holds_.hold_execution(hold.execution);
    hold.done({.running = running, .now = ports_.clock.now()});
}

void Engine::answer_waiting_holds() {
    const Timestamp now = ports_.clock.now();
    std::vector<WaitingHold> still;
    for (WaitingHold& one : std::exchange(waiting_holds_, {})) {
        const bool is_settled = near_.knows(now) && !near_.is_beat_at_work(one.hold.task, now);
        if (!is_settled && starting_ && ports_.clock.elapsed() < one.until) {
            still.push_back(std::move(one));
            continue;
        }
        holds_.hold_task(one.hold.task);
        one.hold.done({.running = !runs_out(one.hold.task).empty(), .now = now, .is_settled = is_settled});
    }
    waiting_holds_ = std::move(still);
}

void Engine::take(EndHold end) {
    if (end.lane != 0)
        holds_.release_lane(end.lane);
    else if (end.execution != 0)
        holds_.release_execution(end.execution);
    else
        holds_.release_task(end.task);
}

void Engine::take(RunningQuestion question) { question.done(runs_out(question.task)); }

void Engine::take(WhyQuestion question) {
    const Timer& timer = question.timer;
    Why why{.is_running = near_.is_started(timer.id)};
    const auto out = running_.find(timer.id);
    if (out != running_.end()) {
        why.started_at = out->second.started_at;
        why.deliveries = out->second.deliveries;
    }
    const Timestamp now = ports_.clock.now();
    if (!why.is_running)
        why = lanes_.why(timer, *question.task, hosts_.look(*question.task, now), now, ports_.clock.elapsed());
    question.done(std::move(why));
}

void Engine::take(LanesQuestion question) {
    std::vector<std::vector<Id>> runs(question.lanes.size());
    std::unordered_map<Lane, std::size_t> places;
    for (const Lane lane : question.lanes) places.emplace(lane, places.size());
    const auto note = [&](const Timer& timer) {
        if (const auto place = places.find(timer.lane); place != places.end()) runs[place->second].push_back(timer.id);
    };
    outbox_.for_each_run(note);
    for (const auto& [id, run] : running_) note(run.timer);
    question.done(std::move(runs));
}

std::vector<Id> Engine::runs_out(Id task) const {
    std::vector<Id> runs = outbox_.runs_of(task);
    for (const auto& [id, run] : running_)
        if (run.timer.task == task) runs.push_back(id);
    return runs;
}

void Engine::judge_answers(std::vector<Answer> answers) {
    const Timestamp now = ports_.clock.now();
    std::vector<store::Transition> outcomes;
    outcomes.reserve(answers.size());
    for (Answer& answer : answers) {
        const auto found = running_.find(static_cast<Id>(answer.ticket));
        if (found == running_.end()) continue;
        Running run = std::move(found->second);
        running_.erase(found);
        if (answer.failure == Failure::cancelled) continue;  // closing: its timer stays, it runs again after the start
        metrics_.delivery_s.observe(static_cast<double>(answer.timings.total_us) / 1e6);
        hosts_.answered(*run.task, answer,
                        {.ticket = run.host_ticket, .started = run.started_at, .started_steady = run.started_steady},
                        now, ports_.clock.elapsed());
        run.may_retry = lanes_.on_failure(run.timer) != OnFailure::skip;
        outcomes.push_back(outcome_of(run, std::move(answer), standard_, now, ids_, ports_.random));
        aftermath_.add(outcomes.back(), *run.task, now);
        metrics_.count(*outcomes.back().record);
        for (Observer* observer : ports_.observers) observer->ended(*outcomes.back().record, *run.task);
    }
    outbox_.record(std::move(outcomes));
}

// ---- starting ----------------------------------------------------------------------------------------------------

void Engine::start_due() {
    const Timestamp now = ports_.clock.now();
    near_.look_ahead(now, ports_.clock.elapsed());
    if (!starting_ || !near_.knows(now)) return;

    std::vector<Id> tasks_soon;
    near_.advance(now, tasks_soon);
    for (const Id task : tasks_soon)
        if (!tasks_.find(task)) tasks_.want(task);

    sort_due(now);
    lanes_.begin(now, ports_.clock.elapsed(), room());
    for (const Timer& run : hosts_.released(now)) lanes_.rejoin(run);
    Batch batch;
    end_late(now, batch);
    int budget = options_.starts_per_tick_max;
    for (const Timer& timer : std::exchange(ready_, {})) {
        start(timer, now, batch);
        --budget;
    }
    while (budget-- > 0 && has_room()) {
        const auto timer = lanes_.next();
        if (!timer) break;
        start(*timer, now, batch);
    }
    if (!batch.requests.empty()) ports_.transport.send(std::move(batch.requests));
    outbox_.record(std::move(batch.transitions));
    tasks_.send_fetches(ports_.clock.elapsed());
}

/// Due runs enter their lanes.
void Engine::sort_due(Timestamp now) {
    for (int i = 0; i < options_.starts_per_tick_max; ++i) {
        const auto timer = near_.take_due(now);
        if (!timer) return;
        if (timer->kind == Timer::Kind::run)
            lanes_.add(*timer);
        else
            ready_.push_back(*timer);
    }
}

/// Whatever keeps a run from its start here, it keeps its place in its lane.
void Engine::start(const Timer& timer, Timestamp now, Batch& batch) {
    if (const auto ended = ended_waiting_.find(timer.id);
        ended != ended_waiting_.end() && ended->second.timer == timer) {
        ended->second.is_out_of_lane = true;
        return;  // its queue goes on when its end is on disk
    }
    if (!near_.is_current(timer)) return give_up(timer);
    if (holds_.is_held(timer)) return holds_.keep(timer);
    TaskPtr task = tasks_.find(timer.task);
    if (!task) {
        without_task_[timer.task].push_back(timer);
        ++without_task_count_;
        return tasks_.want(timer.task);
    }
    const bool is_over = timer.kind == Timer::Kind::beat || task->deleted_at || has_expired(timer, *task, now);
    if (!is_over && !hosts_.admit(timer, *task, now)) return lanes_.set_aside(timer);
    if (!is_over && !lanes_.admit(timer, *task)) return;
    near_.started(timer);
    if (timer.kind == Timer::Kind::beat) {
        batch.transitions.push_back(beats_.plan(timer, *task, now));
        batch.transitions.back().task = std::move(task);
    } else if (task->deleted_at) {
        give_up(timer);
        batch.transitions.push_back(dropped(timer));
    } else if (has_expired(timer, *task, now)) {
        expire(timer, std::move(task), now, batch);
    } else {
        send(timer, std::move(task), now, batch);
    }
}

/// What a crash interrupted had started, whenever it is repeated.
bool Engine::has_expired(const Timer& timer, const Task& task, Timestamp now) const {
    return is_expired(timer, task, now) && !ports_.store.was_started(timer.id);
}

void Engine::expire(const Timer& timer, TaskPtr task, Timestamp now, Batch& batch) {
    store::Transition& transition = batch.transitions.emplace_back(expired(timer, *task, now));
    transition.task = std::move(task);
    aftermath_.add(transition, *transition.task, now);
    metrics_.count(*transition.record);
}

void Engine::end_confirmed(const EndedWaiting& ended) {
    if (ended.is_out_of_lane)
        lanes_.dropped(ended.timer);
    else
        lanes_.unblock(ended.timer);
}

/// What stands in its lane, at a key or at a host comes out of there when its turn comes, and is dropped.
void Engine::end_late(Timestamp now, Batch& batch) {
    for (const Timer& timer : std::exchange(late_, {})) {
        if (!near_.is_current(timer) || holds_.is_held(timer)) continue;
        TaskPtr task = tasks_.find(timer.task);
        if (!task) {
            auto& waiting = late_without_task_[timer.task];
            if (std::find(waiting.begin(), waiting.end(), timer) == waiting.end()) waiting.push_back(timer);
            tasks_.want(timer.task);
            continue;
        }
        if (task->deleted_at || !has_expired(timer, *task, now)) continue;
        near_.started(timer);
        ended_waiting_.insert_or_assign(timer.id, EndedWaiting{timer});
        if (const auto waiting = hosts_.take_out(timer.id)) lanes_.rejoin(*waiting);
        expire(timer, std::move(task), now, batch);
    }
}

void Engine::send(const Timer& run, TaskPtr task, Timestamp now, Batch& batch) {
    const int deliveries = ports_.store.started(run.id);
    const WebhookSecrets secrets = ports_.directory.webhook_secrets(run.organization, now);
    Request request =
        build_request(task, run, {.ids = public_ids_, .secrets = secrets, .deliveries = deliveries, .now = now});
    request.ticket = static_cast<std::uint64_t>(run.id);
    batch.requests.push_back(std::move(request));
    for (Observer* observer : ports_.observers) observer->started(run, *task, deliveries, now);
    const std::uint64_t host_ticket = hosts_.started(*task);
    running_.emplace(run.id, Running{.timer = run,
                                     .task = std::move(task),
                                     .started_at = now,
                                     .deliveries = deliveries,
                                     .started_steady = ports_.clock.elapsed(),
                                     .host_ticket = host_ticket});
    metrics_.started.add();
    metrics_.lateness_s.observe(static_cast<double>((now - run.due).count()) / 1e3);
}

/// It does not start: its place is free.
void Engine::give_up(const Timer& timer) {
    if (timer.kind == Timer::Kind::run) lanes_.dropped(timer);
}

}  // namespace punkt::engine

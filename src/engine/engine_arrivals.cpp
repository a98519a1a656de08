// The engine: what arrived since the last tick.
#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/engine.h"

namespace punkt::engine {
namespace {

constexpr std::chrono::seconds soon{2};
constexpr std::chrono::seconds hold_wait_max{2};

}  // namespace

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

}  // namespace punkt::engine

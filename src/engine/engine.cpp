#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "core/delivery.h"
#include "core/retry.h"

namespace punkt::engine {
namespace {

constexpr Milliseconds idle_max{1'000};

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

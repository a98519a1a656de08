#include "sim/callers.h"

#include <algorithm>

#include "base/check.h"
#include "core/arming.h"
#include "core/schedule.h"
#include "sim/lanes.h"
#include "sim/sim_transport.h"
#include "store/task_edits.h"
#include "store/task_writes.h"

namespace punkt::sim {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t tasks_max = 4'000;
constexpr std::size_t crons_max = 12;

enum Action {
    create_now,
    create_later,
    create_burst,
    create_schedule,
    trigger_it,
    update_it,
    remove_it,
    cancel_it,
    promote_it,
    actions
};

RetryPolicy some_policy(Dice& dice) {
    using Strategy = RetryPolicy::Strategy;
    RetryPolicy policy;
    policy.strategy = dice.pick({Strategy::standard, Strategy::exponential, Strategy::linear, Strategy::fixed,
                                 Strategy::ladder, Strategy::qron});
    policy.initial = std::chrono::ceil<Milliseconds>(dice.spread(1ms, 60s));
    policy.max = 2min;
    policy.jitter = dice.pick({0.0, 0.1, 1.0});
    policy.ladder = {1s, 5s, 30s};
    if (dice.chance(0.2)) policy.on.statuses = {{500, 599}};
    if (dice.chance(0.03)) {  // beyond the hours that are in memory
        policy.strategy = Strategy::fixed;
        policy.initial = policy.max = 3h;
    }
    return policy;
}

}  // namespace

Callers::Callers(Around around) : around_(std::move(around)) {
    // Each run has its own mix of actions and its own pace.
    for (int i = 0; i < actions; ++i) weights_.push_back(around_.dice.chance(0.2) ? 0 : around_.dice.random().unit());
    weights_[create_now] = std::max(weights_[create_now], 0.3);
    pause_max_ = around_.dice.pick<Microseconds>({1min, 10min, 1h});
}

void Callers::begin() {
    Microseconds pause = around_.dice.spread(10us, pause_max_);
    // Around the full minute is where schedules can be met at work.
    const auto to_minute =
        1min - std::chrono::duration_cast<Microseconds>(around_.clock.now().time_since_epoch() % 1min);
    if (around_.dice.chance(0.1)) pause = to_minute + Microseconds{around_.dice.between(-5'000, 15'000)};
    around_.agenda.at(around_.clock.elapsed() + std::max<Microseconds>(pause, 1us), [this] {
        if (stopped_) return;
        act();
        begin();
    });
}

void Callers::act() {
    double sum = 0;
    for (const double weight : weights_) sum += weight;
    double point = around_.dice.random().unit() * sum;
    int action = 0;
    while (action < actions - 1 && point >= weights_[static_cast<std::size_t>(action)])
        point -= weights_[static_cast<std::size_t>(action++)];
    switch (action) {
        case create_now:
            return create(around_.dice.pick<const char*>({"", "", "mail", "wide", "rated"}), 0us);
        case create_later:
            return create(around_.dice.pick<const char*>({"", "", "mail", "wide", "rated"}),
                          around_.dice.spread(1ms, 6h));
        case create_burst:
            return burst();
        case create_schedule:
            return create_cron();
        case trigger_it:
            return trigger();
        case update_it:
            return update();
        case remove_it:
            return remove();
        case cancel_it:
            return cancel();
        default:
            return promote();
    }
}

// ---- creating ------------------------------------------------------------------------------------------------------

void Callers::burst() {
    const std::string queue = around_.dice.pick<const char*>({"", "mail", "bulk", "wide", "rated"});
    const auto count = around_.dice.between(2, 20);
    const auto delay = around_.dice.chance(0.5) ? 0us : around_.dice.spread(1ms, 1h);
    for (int i = 0; i < count; ++i) create(queue, delay);
}

Task Callers::some_new_task(const char* name) {
    Dice& dice = around_.dice;
    Task task;
    task.organization = dice.between(1, 3);
    task.name = name;
    const auto mood =
        dice.chance(0.7) ? Mood::ok : dice.pick({Mood::dead, Mood::slow, Mood::gone, Mood::stop, Mood::wait});
    task.url = url_of(mood, dice.between(1, 1'000'000));
    task.timeout = dice.pick<Milliseconds>({1s, 5s, 30s});
    task.retry_attempts = static_cast<int>(dice.between(0, 4));
    if (dice.chance(0.6)) task.retry = some_policy(dice);
    if (dice.chance(0.3)) task.priority = static_cast<int>(dice.between(1, 10));
    if (dice.chance(0.15)) task.key_limits.push_back(two_at_once());
    if (dice.chance(0.1)) task.key_limits.push_back(three_in_ten_seconds());
    task.created_at = task.updated_at = around_.clock.now();
    return task;
}

void Callers::create(std::string queue, Microseconds delay) {
    if (tasks_.size() > tasks_max) return;
    Task task = some_new_task("once");
    task.queue = std::move(queue);
    task.scheduled_at = around_.clock.now() + std::chrono::ceil<Milliseconds>(delay);
    if (around_.dice.chance(0.2))
        task.expires_at = *task.scheduled_at + std::chrono::ceil<Milliseconds>(around_.dice.spread(1ms, 10min));
    submit_new(std::move(task));
}

std::string Callers::some_cron() {
    if (around_.rare_crons) return around_.dice.pick<const char*>({"30 2 * * *", "0 9 * * 1-5", "0 0 1 * *"});
    if (around_.dice.chance(0.1)) return "*/20 * * * * *";
    if (around_.dice.chance(0.3))
        return fmt::format("{} {} * * *", around_.dice.between(0, 59), around_.dice.between(0, 23));
    return around_.dice.pick<const char*>({"* * * * *", "*/5 * * * *", "0 * * * *", "30 2 * * *", "15,45 */2 * * *",
                                           "0 9 * * 1-5", "7-59/13 0-12 * * *", "@hourly"});
}

void Callers::create_cron() {
    const auto crons = around_.disk.number("SELECT count(*) FROM schedule WHERE next_run_at IS NOT NULL");
    if (static_cast<std::size_t>(crons) >= crons_max) return;
    Dice& dice = around_.dice;
    Task task = some_new_task("cron");
    task.kind = TaskKind::cron;
    task.cron = some_cron();
    task.timezone = dice.pick<const char*>(
        {"UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"});
    task.catch_up = dice.pick({CatchUp::skip, CatchUp::run_latest, CatchUp::run_all});
    task.overlap = dice.pick({Overlap::allow, Overlap::skip, Overlap::queue});
    if (dice.chance(0.5)) task.retry_attempts = 0;
    if (dice.chance(0.2)) task.queue = "mail";
    const auto schedule = Schedule::create(task);
    check(schedule.has_value(), "the expressions of the simulation are good");
    task.next_run_at = schedule->next(around_.clock.now());
    submit_new(std::move(task));
}

void Callers::submit_new(Task task) {
    const auto server = around_.server();
    if (!server) return;
    task.id = server->ids.next(around_.clock.now());
    const auto shared = std::make_shared<const Task>(std::move(task));
    around_.journal.note("POST task {} {} queue '{}' due {}", shared->id, shared->cron, shared->queue,
                         to_ms(shared->scheduled_at.value_or(shared->next_run_at.value_or(Timestamp{}))));
    for (auto& checker : around_.checkers) checker->will_create(*shared);
    server->store.submit(std::make_unique<store::InsertTasks>(
        store::NewTask{shared, first_timer(*shared)}, [this, shared](Result<void> result) {
            around_.journal.note("POST task {} -> {}", shared->id, result ? "202" : result.error().message);
            if (!result) return;
            tasks_[shared->id] = shared->organization;
            for (auto& checker : around_.checkers) checker->accepted(*shared);
        }));
}

void Callers::trigger() {
    const auto task = some_task();
    const auto server = around_.server();
    if (!task || !server) return;
    const Timer run = trigger_timer(*task, server->ids.next(around_.clock.now()), around_.clock.now());
    for (auto& checker : around_.checkers) checker->will_arm(run);
    server->store.submit(std::make_unique<store::ArmTimer>(run, [this, run](Result<void> result) {
        around_.journal.note("trigger {} of task {} -> {}", run.id, run.task, result ? "202" : result.error().message);
        if (!result) return;
        for (auto& checker : around_.checkers) checker->armed(run);
    }));
}

// ---- changing ------------------------------------------------------------------------------------------------------

void Callers::soon(std::weak_ptr<int> alive, UniqueFunction<void()> what) {
    around_.agenda.at(around_.clock.elapsed() + around_.dice.spread(1us, 2ms),
                      [alive = std::move(alive), what = std::move(what)]() mutable {
                          if (alive.lock()) what();
                      });
}

void Callers::hold(Server server, Id execution, Id task, UniqueFunction<void(engine::Held)> then) {
    server.inbox.hold({.execution = execution,
                       .task = task,
                       .done = [this, alive = server.alive, then = std::move(then)](engine::Held held) mutable {
                           soon(alive, [then = std::move(then), held]() mutable { then(held); });
                       }});
}

/// A change that moves time, content, queue or schedule, as edit_api makes it.
void Callers::change(Task& task, Timestamp now) {
    Dice& dice = around_.dice;
    if (dice.chance(0.4)) task.url = url_of(Mood::ok, dice.between(1, 1'000'000));
    if (dice.chance(0.3)) task.queue = dice.pick<const char*>({"", "mail", "wide", "rated"});
    if (dice.chance(0.2)) task.priority = static_cast<int>(dice.between(1, 10));
    if (task.kind == TaskKind::once) {
        if (dice.chance(0.5)) task.scheduled_at = now + std::chrono::ceil<Milliseconds>(dice.spread(1ms, 3h));
        return;
    }
    if (dice.chance(0.3)) task.enabled = !task.enabled;
    if (dice.chance(0.3)) task.cron = some_cron();
    if (dice.chance(0.2)) task.overlap = dice.pick({Overlap::allow, Overlap::skip, Overlap::queue});
    task.next_run_at = task.enabled ? Schedule::create(task).value().next(now) : std::nullopt;
}

void Callers::update() {
    if (const auto task = some_task()) update(*task, [this](Task& it, Timestamp now) { change(it, now); });
}

void Callers::update(const Task& chosen, Change make_change) {
    const auto server = around_.server();
    if (!server) return;
    around_.journal.note("PUT task {}", chosen.id);
    hold(*server, 0, chosen.id, [this, server, chosen, make_change](engine::Held held) {
        const auto before = around_.disk.task(chosen.organization, chosen.id);
        if (!before || !held.is_settled) return server->inbox.end_hold({.task = chosen.id});
        Task after = *before;
        ++after.version;
        after.updated_at = held.now;
        make_change(after, held.now);
        std::optional<Timer> timer;
        if (after.kind == TaskKind::cron) {
            timer = first_timer(after);
        } else if (after.scheduled_at != before->scheduled_at && *after.scheduled_at >= held.now) {
            timer = first_timer(after);
            timer->id = timer->first = server->ids.next(held.now);
        }
        commit_update(*server, std::make_shared<const Task>(std::move(after)), timer);
    });
}

void Callers::commit_update(Server server, TaskPtr task, std::optional<Timer> timer) {
    server.inbox.ask(
        {.task = task->id, .done = [this, server, task, timer](std::vector<Id> running) {
             soon(server.alive, [this, server, task, timer, running] {
                 for (auto& checker : around_.checkers) checker->will_update(*task);
                 auto done = [this, server, task](Result<void> result) {
                     around_.journal.note("PUT task {} version {} -> {}", task->id, task->version,
                                          result ? "200" : result.error().message);
                     server.inbox.end_hold({.task = task->id});
                 };
                 server.store.submit(std::make_unique<store::UpdateTask>(
                     store::TaskUpdate{.task = task, .timer = timer, .running = running}, std::move(done)));
             });
         }});
}

void Callers::switch_schedules_off() {
    for (const auto& [id, organization] : around_.disk.schedules_on()) {
        const auto task = around_.disk.task(organization, id);
        update(*task, [](Task& it, Timestamp) {
            it.enabled = false;
            it.next_run_at.reset();
        });
    }
}

void Callers::remove() {
    const auto task = some_task();
    const auto server = around_.server();
    if (!task || !server) return;
    around_.journal.note("DELETE task {}", task->id);
    hold(*server, 0, task->id, [this, server, id = task->id, organization = task->organization](engine::Held) {
        for (auto& checker : around_.checkers) checker->will_delete(id);
        server->store.submit(std::make_unique<store::DeleteTasks>(
            organization, std::vector{id}, around_.clock.now(), [this, server, id](Result<void> result) {
                around_.journal.note("DELETE task {} -> {}", id, result ? "204" : result.error().message);
                server->inbox.end_hold({.task = id});
                if (!result) return;
                tasks_.erase(id);
                for (auto& checker : around_.checkers) checker->deleted(id);
            }));
    });
}

void Callers::cancel() {
    const auto run = some_run();
    const auto server = around_.server();
    if (!run || !server) return;
    hold(*server, run->id, 0, [this, server, run = *run](engine::Held held) {
        if (held.running) return;
        around_.journal.note("cancel run {}", run.id);
        for (auto& checker : around_.checkers) checker->will_cancel(run.id);
        server->store.submit(std::make_unique<store::CancelExecution>(
            run.organization, run.id, around_.clock.now(), [this, server, id = run.id](Result<void> result) {
                around_.journal.note("cancel run {} -> {}", id, result ? "200" : result.error().message);
                server->inbox.end_hold({.execution = id});
                if (!result) return;
                for (auto& checker : around_.checkers) checker->cancelled(id);
            }));
    });
}

void Callers::promote() {
    const auto run = some_run();
    const auto server = around_.server();
    if (!run || !server) return;
    hold(*server, run->id, 0, [this, server, run = *run](engine::Held held) {
        if (held.running) return;
        around_.journal.note("promote run {}", run.id);
        for (auto& checker : around_.checkers) checker->will_promote(run.id);
        server->store.submit(std::make_unique<store::PromoteExecution>(
            run.organization, run.id, around_.clock.now(), [this, server, id = run.id](Result<void> result) {
                around_.journal.note("promote run {} -> {}", id, result ? "202" : result.error().message);
                server->inbox.end_hold({.execution = id});
            }));
    });
}

std::optional<Task> Callers::some_task() {
    if (tasks_.empty()) return std::nullopt;
    // Mostly a young one: there is more going on around it.
    const auto back = around_.dice.between(
        1, std::min<std::int64_t>(static_cast<std::int64_t>(tasks_.size()), around_.dice.chance(0.5) ? 5 : 500));
    const auto [id, organization] = *std::prev(tasks_.end(), back);
    return around_.disk.task(organization, id);
}

std::optional<Timer> Callers::some_run() {
    const auto runs = around_.disk.some_runs(1, around_.dice.between(0, 20));
    return runs.empty() ? std::nullopt : std::optional(runs.front());
}

}  // namespace punkt::sim

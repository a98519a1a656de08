#include "testing/memory_store.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/arming.h"

namespace punkt::testing {
namespace {

const Error not_pending{.kind = ErrorKind::not_found, .message = "the run is not pending"};

std::vector<Timer> timers_of(const MemoryDisk& disk, Id task) {
    std::vector<Timer> timers;
    for (const auto& [id, timer] : disk.timers)
        if (timer.task == task) timers.push_back(timer);
    return timers;
}

}  // namespace

Id MemoryDisk::greatest_id() const {
    Id greatest = 0;
    for (const auto* id :
         {tasks.empty() ? nullptr : &tasks.rbegin()->first, timers.empty() ? nullptr : &timers.rbegin()->first,
          executions.empty() ? nullptr : &executions.rbegin()->first})
        if (id != nullptr) greatest = std::max(greatest, *id);
    return greatest;
}

// ---- what the API writes -----------------------------------------------------------------------------------------

void MemoryStore::write(Apply apply, Done done) {
    const auto shared = std::make_shared<Done>(std::move(done));
    const auto finish = [shared](const Result<void>& result) {
        if (*shared) (*shared)(result);
    };
    writes_.push_back({.apply = [this, apply = std::move(apply), finish](MemoryDisk& disk) -> Tell {
                           auto told = std::make_shared<Result<Told>>(apply(disk));
                           return [this, told, finish] {
                               if (!*told) return finish(told->error());
                               Told& what = **told;
                               if (!what.armed.empty()) events_.armed(std::move(what.armed));
                               if (auto& change = what.change)
                                   events_.task_changed(change->task, std::move(change->gone), std::move(change->now));
                               finish({});
                           };
                       },
                       .refused = [finish](const Error& error) { finish(error); }});
}

void MemoryStore::insert(Task task, Done done) {
    write(
        [task = std::move(task)](MemoryDisk& disk) -> Result<Told> {
            Told told;
            disk.tasks[task.id] = task;
            if (const auto timer = first_timer(task)) {
                disk.timers[timer->id] = *timer;
                told.armed.push_back({*timer, std::make_shared<const Task>(task)});
            }
            return told;
        },
        std::move(done));
}

void MemoryStore::arm(Timer run, Done done) {
    write(
        [run](MemoryDisk& disk) -> Result<Told> {
            const auto task = disk.tasks.find(run.task);
            if (task == disk.tasks.end() || task->second.deleted_at) return not_pending;
            disk.timers[run.id] = run;
            return Told{.armed = {{run}}};
        },
        std::move(done));
}

void MemoryStore::update(Task task, std::optional<Timer> now, Done done) {
    write(
        [task = std::move(task), now](MemoryDisk& disk) -> Result<Told> {
            Task& stored = disk.tasks.at(task.id);
            if (stored.deleted_at) return not_pending;
            const int version = stored.version + 1;
            stored = task;
            stored.version = version;
            Told::Change change{.task = task.id, .gone = timers_of(disk, task.id)};
            for (const Timer& timer : change.gone) disk.timers.erase(timer.id);
            if (now) {
                disk.timers[now->id] = *now;
                change.now.push_back({*now});
            }
            return Told{.change = std::move(change)};
        },
        std::move(done));
}

void MemoryStore::remove(Id task, Timestamp now, Done done) {
    write(
        [task, now](MemoryDisk& disk) -> Result<Told> {
            disk.tasks.at(task).deleted_at = now;
            Told::Change change{.task = task, .gone = timers_of(disk, task)};
            for (const Timer& timer : change.gone) disk.timers.erase(timer.id);
            return Told{.change = std::move(change)};
        },
        std::move(done));
}

void MemoryStore::cancel(Id execution, Timestamp now, Done done) {
    write(
        [execution, now](MemoryDisk& disk) -> Result<Told> {
            const auto found = disk.timers.find(execution);
            if (found == disk.timers.end() || found->second.kind != Timer::Kind::run) return not_pending;
            const Timer timer = found->second;
            disk.timers.erase(found);
            disk.executions[execution] = {.id = execution,
                                          .task = timer.task,
                                          .organization = timer.organization,
                                          .first = timer.first,
                                          .attempt = timer.attempt,
                                          .cause = timer.cause,
                                          .status = Status::cancelled,
                                          .scheduled_for = timer.scheduled_for,
                                          .finished_at = now};
            return Told{.change = Told::Change{.task = timer.task, .gone = {timer}}};
        },
        std::move(done));
}

void MemoryStore::promote(Id execution, Timestamp now, Done done) {
    write(
        [execution, now](MemoryDisk& disk) -> Result<Told> {
            const auto found = disk.timers.find(execution);
            if (found == disk.timers.end() || found->second.kind != Timer::Kind::run) return not_pending;
            const Timer before = found->second;
            found->second.due = std::min(before.due, now);
            return Told{.change = Told::Change{.task = before.task, .gone = {before}, .now = {{found->second}}}};
        },
        std::move(done));
}

// ---- the engine's verbs ------------------------------------------------------------------------------------------

void MemoryStore::record(std::uint64_t batch, std::vector<store::Transition> transitions) {
    auto shared = std::make_shared<std::vector<store::Transition>>(std::move(transitions));
    writes_.push_back({.apply = [this, batch, shared](MemoryDisk& disk) -> Tell {
                           return [this, batch, stale = apply(*shared, disk)]() mutable {
                               events_.recorded(batch, std::move(stale));
                           };
                       },
                       .refused = [this, batch](const Error& error) { events_.recorded(batch, error); }});
}

Result<std::vector<std::size_t>> MemoryStore::apply(const std::vector<store::Transition>& transitions,
                                                    MemoryDisk& disk) {
    std::vector<std::size_t> stale;
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const store::Transition& one = transitions[i];
        const auto stored = disk.timers.find(one.timer.id);
        const bool is_stored = stored != disk.timers.end() && stored->second.due == one.timer.due;
        if (is_stored)
            disk.timers.erase(stored);
        else
            stale.push_back(i);
        if (one.record) disk.executions[one.record->id] = *one.record;
        if (!is_stored) continue;
        for (const Timer& timer : one.arm) disk.timers[timer.id] = timer;
        for (const Execution& execution : one.missed) disk.executions[execution.id] = execution;
        for (const store::Armed& follow_up : one.follow_ups) {
            disk.tasks[follow_up.task->id] = *follow_up.task;
            disk.timers[follow_up.timer.id] = follow_up.timer;
        }
        if (one.dead_letter) disk.dead_letters.insert(one.record->id);
        if (one.record && one.record->next == 0)
            disk.tasks.at(one.timer.task).last_run_lost = one.record->status != Status::success;
        if (one.next_run_at) disk.tasks.at(one.timer.task).next_run_at = *one.next_run_at;
    }
    return stale;
}

void MemoryStore::load_tasks(std::vector<Id> tasks) {
    reads_.push_back([this, asked = std::move(tasks)](const std::optional<Error>& error) -> Tell {
        if (error) return [this, asked, error] { events_.loaded(asked, *error); };
        std::vector<TaskPtr> found;
        for (const Id id : asked) {
            const auto task = disk_.tasks.find(id);
            if (task != disk_.tasks.end() && !task->second.deleted_at)
                found.push_back(std::make_shared<const Task>(task->second));
        }
        return [this, asked, found] { events_.loaded(asked, found); };
    });
}

void MemoryStore::load_timers(store::Hour from, store::Hour until) {
    reads_.push_back([this, from, until](const std::optional<Error>& error) -> Tell {
        if (error) return [this, from, until, error] { events_.timers_loaded(from, until, *error); };
        return [this, from, until, timers = near(from, until)] { events_.timers_loaded(from, until, timers); };
    });
}

std::vector<Timer> MemoryStore::near(store::Hour from, store::Hour until) const {
    std::vector<Timer> timers;
    for (const auto& [id, timer] : disk_.timers) {
        const store::Hour hour = store::hour_of(timer.due);
        const bool holds_back =
            timer.attempt > 1 && (timer.lane != 0 || disk_.tasks.at(timer.task).kind == TaskKind::cron);
        if ((hour >= from && hour < until) || (from == 0 && hour >= until && holds_back)) timers.push_back(timer);
    }
    return timers;
}

// ---- what the test decides ---------------------------------------------------------------------------------------

void MemoryStore::commit(std::size_t most) {
    std::vector<Tell> told;
    for (; most > 0 && !writes_.empty(); --most) {
        told.push_back(writes_.front().apply(disk_));
        writes_.pop_front();
    }
    if (!told.empty()) untold_.push_back(std::move(told));
}

void MemoryStore::refuse(std::size_t most, const Error& error) {
    std::vector<Tell> told;
    for (; most > 0 && !writes_.empty(); --most) {
        told.push_back([refused = std::move(writes_.front().refused), error]() mutable { refused(error); });
        writes_.pop_front();
    }
    if (!told.empty()) untold_.push_back(std::move(told));
}

void MemoryStore::tell() {
    std::vector<Tell> told = std::move(untold_.front());
    untold_.pop_front();
    for (Tell& one : told) one();
}

void MemoryStore::read(std::size_t place, std::optional<Error> error) {
    auto look = std::move(reads_[place]);
    reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(place));
    answers_.push_back(look(error));
}

void MemoryStore::answer(std::size_t place) {
    auto tell = std::move(answers_[place]);
    answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(place));
    tell();
}

bool MemoryStore::settle() {
    bool any = false;
    while (!writes_.empty() || !untold_.empty() || !reads_.empty() || !answers_.empty()) {
        any = true;
        commit(writes_.size());
        while (!untold_.empty()) tell();
        while (!reads_.empty()) read(0);
        while (!answers_.empty()) answer(0);
    }
    return any;
}

}  // namespace punkt::testing

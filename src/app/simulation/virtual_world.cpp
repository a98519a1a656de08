#include "app/simulation/virtual_world.h"

#include <algorithm>
#include <limits>

namespace punkt::app {

void VirtualStore::add(Task task) {
    const auto timer = first_timer(task);
    const auto stored = std::make_shared<const Task>(std::move(task));
    tasks_[stored->id] = stored;
    if (timer) put(*timer);
}

void VirtualStore::put(const Timer& timer) {
    timers_[timer.id] = timer;
    if (timer.due <= clock_.now())
        now_due(timer);
    else
        later_.emplace(timer.due, timer.id);
}

void VirtualStore::now_due(const Timer& timer) {
    due_.insert(timer.id);
    came_due(timer);
}

void VirtualStore::take(const Timer& timer) {
    if (due_.erase(timer.id) > 0) gone(timer);
    timers_.erase(timer.id);
    later_.erase({timer.due, timer.id});
}

void VirtualStore::time_passed() {
    while (!later_.empty() && later_.begin()->first <= clock_.now()) {
        now_due(timers_.at(later_.begin()->second));
        later_.erase(later_.begin());
    }
}

const Timer* VirtualStore::find(Id timer) const {
    const auto found = timers_.find(timer);
    return found == timers_.end() ? nullptr : &found->second;
}

std::optional<Timestamp> VirtualStore::next_due() const {
    return later_.empty() ? std::nullopt : std::optional(later_.begin()->first);
}

void VirtualStore::record(std::uint64_t batch, std::vector<store::Transition> transitions) {
    was_asked_ = true;
    std::vector<std::size_t> stale;
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const store::Transition& one = transitions[i];
        const Timer* const stored = find(one.timer.id);
        if (stored == nullptr || stored->due != one.timer.due) {
            stale.push_back(i);
            continue;
        }
        take(one.timer);
        for (const Timer& timer : one.arm) put(timer);
        if (one.record) over(*one.record, one.arm.empty());
        for (const Execution& execution : one.missed) missed(execution);
    }
    inbox_.recorded(batch, std::move(stale));
}

void VirtualStore::load_tasks(std::vector<Id> tasks) {
    was_asked_ = true;
    std::vector<TaskPtr> found;
    for (const Id id : tasks)
        if (const auto task = tasks_.find(id); task != tasks_.end()) found.push_back(task->second);
    inbox_.loaded(std::move(tasks), std::move(found));
}

void VirtualStore::load_timers(store::Hour from, store::Hour until) {
    was_asked_ = true;
    std::vector<Timer> found;
    const auto in_range = [&](const Timer& timer) {
        const store::Hour hour = store::hour_of(timer.due);
        return hour >= from && hour < until;
    };
    for (const Id id : due_)
        if (const Timer& timer = timers_.at(id); in_range(timer)) found.push_back(timer);
    for (const auto& [due, id] : later_) {
        if (store::hour_of(due) >= until) break;
        if (const Timer& timer = timers_.at(id); in_range(timer)) found.push_back(timer);
    }
    inbox_.timers_loaded(from, until, std::move(found));
}

void VirtualTargets::send(std::vector<net::Request> requests) {
    for (const net::Request& request : requests) {
        const auto execution = static_cast<Id>(request.ticket);
        const Fate fate = started_(execution);
        const Microseconds took = fate.takes;
        open_.push({.due = clock_.elapsed() + took, .took = took, .execution = execution, .status = fate.status});
    }
}

bool VirtualTargets::deliver() {
    std::vector<net::Answer> answers;
    while (!open_.empty() && open_.top().due <= clock_.elapsed()) {
        const Open over = open_.top();
        open_.pop();
        ended_(over.execution, over.status);
        net::Answer answer{.ticket = static_cast<std::uint64_t>(over.execution), .status = over.status};
        answer.timings.total_us = over.took.count();
        answers.push_back(std::move(answer));
    }
    if (answers.empty()) return false;
    inbox_.answered(std::move(answers));
    return true;
}

std::optional<Milliseconds> VirtualTargets::next_answer_in() const {
    if (open_.empty()) return std::nullopt;
    return std::max(std::chrono::ceil<Milliseconds>(open_.top().due - clock_.elapsed()), Milliseconds{0});
}

}  // namespace punkt::app

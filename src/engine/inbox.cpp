#include "engine/inbox.h"

#include <iterator>
#include <utility>

namespace punkt::engine {

template <class Append>
void Inbox::append(Append append_to) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        append_to(arrivals_);
        wake = !std::exchange(woken_, true);
    }
    if (wake) wake_();
}

void Inbox::armed(std::vector<store::Armed> timers) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(timers)); });
}

void Inbox::recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) {
    append([&](Arrivals& to) { to.events.emplace_back(Recorded{batch, std::move(stale)}); });
}

void Inbox::loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) {
    append([&](Arrivals& to) { to.events.emplace_back(Loaded{std::move(asked), std::move(tasks)}); });
}

void Inbox::timers_loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers) {
    append([&](Arrivals& to) { to.events.emplace_back(TimersLoaded{from, until, std::move(timers)}); });
}

void Inbox::task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) {
    append([&](Arrivals& to) { to.events.emplace_back(TaskChanged{task, std::move(gone), std::move(now)}); });
}

void Inbox::answered(std::vector<Answer> answers) {
    append([&](Arrivals& to) {
        to.answers.insert(to.answers.end(), std::make_move_iterator(answers.begin()),
                          std::make_move_iterator(answers.end()));
    });
}

void Inbox::hold(Hold hold) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(hold)); });
}

void Inbox::end_hold(EndHold end) {
    append([&](Arrivals& to) { to.events.emplace_back(end); });
}

void Inbox::ask(RunningQuestion question) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(question)); });
}

void Inbox::ask(LanesQuestion question) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(question)); });
}

void Inbox::ask(HostsQuestion question) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(question)); });
}

void Inbox::reset_host(HostReset reset) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(reset)); });
}

void Inbox::settings_changed(SettingsChanged changed) {
    append([&](Arrivals& to) { to.events.emplace_back(changed); });
}

void Inbox::expired(Expired expired) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(expired)); });
}

void Inbox::ask(WhyQuestion question) {
    append([&](Arrivals& to) { to.events.emplace_back(std::move(question)); });
}

Inbox::Arrivals Inbox::take() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    return std::exchange(arrivals_, {});
}

}  // namespace punkt::engine

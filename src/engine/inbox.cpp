#include "engine/inbox.h"

#include <iterator>
#include <utility>

namespace punkt::engine {
namespace {

template <class T>
void move_into(std::vector<T>& to, std::vector<T>&& from) {
    if (to.empty())
        to = std::move(from);
    else
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

bool Inbox::Arrivals::empty() const {
    return armed.empty() && answers.empty() && recorded.empty() && loaded.empty() && timers_loaded.empty() &&
           changed.empty() && holds.empty() && releases.empty() && questions.empty();
}

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
    append([&](Arrivals& to) { move_into(to.armed, std::move(timers)); });
}

void Inbox::recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) {
    append([&](Arrivals& to) { to.recorded.push_back({batch, std::move(stale)}); });
}

void Inbox::loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) {
    append([&](Arrivals& to) { to.loaded.push_back({std::move(asked), std::move(tasks)}); });
}

void Inbox::timers_loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers) {
    append([&](Arrivals& to) { to.timers_loaded.push_back({from, until, std::move(timers)}); });
}

void Inbox::task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) {
    append([&](Arrivals& to) { to.changed.push_back({task, std::move(gone), std::move(now)}); });
}

void Inbox::answered(std::vector<Answer> answers) {
    append([&](Arrivals& to) { move_into(to.answers, std::move(answers)); });
}

void Inbox::hold(Hold hold) {
    append([&](Arrivals& to) { to.holds.push_back(std::move(hold)); });
}

void Inbox::release(Hold hold) {
    append([&](Arrivals& to) { to.releases.push_back(std::move(hold)); });
}

void Inbox::ask(RunningQuestion question) {
    append([&](Arrivals& to) { to.questions.push_back(std::move(question)); });
}

Inbox::Arrivals Inbox::take() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    return std::exchange(arrivals_, {});
}

}  // namespace punkt::engine

#include "engine/timers.h"

#include <algorithm>
#include <utility>

namespace punkt::engine {
namespace {

std::int64_t second_of(Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

}  // namespace

Timers::Timers(Timestamp now) : cursor_(second_of(now)), slots_(slots) {}

void Timers::add(Due due) {
    ++size_;
    const std::int64_t second = second_of(due.at);
    if (second < cursor_ || second >= cursor_ + slots)
        ordered_.push(due);
    else
        slot(second).push_back(due);
}

void Timers::advance(Timestamp now, std::vector<Id>& soon) {
    // After a jump of the clock every slot is visited at most once.
    const std::int64_t target = second_of(now) + 2;
    const std::int64_t last = std::min(target, cursor_ + slots);
    for (; cursor_ < last; ++cursor_) {
        for (const Due& due : std::exchange(slot(cursor_), {})) {
            soon.push_back(due.id);
            ordered_.push(due);
        }
    }
    cursor_ = std::max(cursor_, target);
}

std::optional<Timers::Due> Timers::take_due(Timestamp now) {
    if (ordered_.empty() || ordered_.top().at > now) return std::nullopt;
    const Due due = ordered_.top();
    ordered_.pop();
    --size_;
    return due;
}

std::optional<Timestamp> Timers::next_look() const {
    if (size_ == 0) return std::nullopt;
    // Slots enter the ordered part a second ahead, so looking once a second finds each of them in time.
    const Timestamp next_second{std::chrono::seconds{cursor_ - 1}};
    return ordered_.empty() ? next_second : std::min(next_second, ordered_.top().at);
}

}  // namespace punkt::engine

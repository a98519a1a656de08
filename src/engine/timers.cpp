#include "engine/timers.h"

#include <algorithm>
#include <utility>

namespace punkt::engine {
namespace {

std::int64_t second_of(Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

}  // namespace

Timers::Timers(Timestamp now) : cursor_(second_of(now)), slots_(slots) {}

void Timers::add(const Timer& timer) {
    ++size_;
    const std::int64_t second = second_of(timer.due);
    if (second < cursor_ || second >= cursor_ + slots)
        ordered_.push(timer);
    else
        slot(second).push_back(timer);
}

void Timers::advance(Timestamp now, std::vector<Timer>& soon) {
    // After a jump of the clock every slot is visited at most once.
    const std::int64_t target = second_of(now) + 2;
    const std::int64_t last = std::min(target, cursor_ + slots);
    for (; cursor_ < last; ++cursor_) {
        std::vector<Timer> due = std::exchange(slot(cursor_), {});
        soon.insert(soon.end(), due.begin(), due.end());
        for (const Timer& timer : due) ordered_.push(timer);
    }
    cursor_ = std::max(cursor_, target);
}

std::optional<Timer> Timers::take_due(Timestamp now) {
    if (ordered_.empty() || ordered_.top().due > now) return std::nullopt;
    const Timer timer = ordered_.top();
    ordered_.pop();
    --size_;
    return timer;
}

std::optional<Timestamp> Timers::next_look() const {
    if (size_ == 0) return std::nullopt;
    // Slots enter the ordered part a second ahead, so looking once a second finds each of them in time.
    const Timestamp next_second{std::chrono::seconds{cursor_ - 1}};
    return ordered_.empty() ? next_second : std::min(next_second, ordered_.top().due);
}

}  // namespace punkt::engine

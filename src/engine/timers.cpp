#include "engine/timers.h"

#include <algorithm>
#include <unordered_map>
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
        ordered_.add(due);
    else
        slot(second).push_back(due);
}

void Timers::advance(Timestamp now, std::vector<Id>& soon) {
    // After a jump of the clock every slot is visited at most once.
    const std::int64_t target = second_of(now) + 2;
    const std::int64_t last = std::min(target, cursor_ + slots);
    for (; cursor_ < last; ++cursor_) {
        const auto second = std::exchange(slot(cursor_), {});
        announce(second, soon);
        for (const Due& due : second) ordered_.add(due);
    }
    cursor_ = std::max(cursor_, target);
}

void Timers::announce(const std::vector<Due>& second, std::vector<Id>& soon) {
    const bool is_crowded = second.size() > announced_max;
    std::unordered_map<Id, std::size_t> announced;  // by organization
    std::size_t share = announced_max;
    if (is_crowded) {
        for (const Due& due : second) announced[due.organization] = 0;
        share = std::max<std::size_t>(1, announced_max / announced.size());
    }
    for (const Due& due : second)
        if (!is_crowded || announced[due.organization]++ < share) soon.push_back(due.id);
}

std::optional<Due> Timers::take_due(Timestamp now) {
    const auto due = ordered_.take(now);
    if (due) --size_;
    return due;
}

std::optional<Timestamp> Timers::next_look() const {
    if (size_ == 0) return std::nullopt;
    // Slots enter the ordered part a second ahead, so looking once a second finds each of them in time.
    const Timestamp next_second{std::chrono::seconds{cursor_ - 1}};
    return std::min(next_second, ordered_.first().value_or(next_second));
}

}  // namespace punkt::engine

#include "net/deadline_wheel.h"

#include <algorithm>

namespace punkt::net {

void Deadline::clear() {
    if (alone()) return;
    leave();
    --*count_;
}

void DeadlineWheel::set(Deadline& deadline, Microseconds at) {
    deadline.clear();
    deadline.at_ = at;
    deadline.count_ = &count_;
    ++count_;
    deadline.insert_before(list_of(std::max(at / slot_width, slot_)));
}

void DeadlineWheel::turn(Microseconds now) {
    const std::int64_t current = now / slot_width;
    // After a pause of more than a turn every list is looked at once.
    std::int64_t first = std::max(slot_, current - static_cast<std::int64_t>(slots));
    slot_ = std::max(slot_, current);
    for (; first < current; ++first) pass(list_of(first), now);
}

void DeadlineWheel::turn_to_end() {
    for (RingLink& list : ring_) pass(list, Microseconds::max());
}

void DeadlineWheel::pass(RingLink& list, Microseconds now) {
    if (list.alone()) return;
    // Moved to a list of its own: what passed() sets may land in the same slot again.
    RingLink due;
    due.insert_before(list);
    list.leave();
    while (!due.alone()) {
        auto& deadline = static_cast<Deadline&>(*due.after);
        if (deadline.at_ > now) {
            deadline.leave();
            deadline.insert_before(list_of(deadline.at_ / slot_width));
        } else {
            deadline.clear();
            deadline.passed();
        }
    }
}

}  // namespace punkt::net

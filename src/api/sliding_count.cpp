#include "api/sliding_count.h"

#include <algorithm>

namespace punkt::api {

void SlidingCount::forget(Microseconds now) {
    auto kept = slots_.begin();
    for (; kept != slots_.end() && kept->last + period_ <= now; ++kept) used_ -= kept->count;
    slots_.erase(slots_.begin(), kept);
}

void SlidingCount::add(Microseconds now) {
    ++used_;
    if (slots_.empty() || sixtieth(slots_.back().last) != sixtieth(now)) slots_.emplace_back();
    slots_.back().last = now;
    ++slots_.back().count;
}

Microseconds SlidingCount::wait(std::int64_t limit, Microseconds now) const {
    std::int64_t left = used_;
    for (const Slot& slot : slots_) {
        left -= slot.count;
        if (left < limit) return std::max(Microseconds{0}, slot.last + period_ - now);
    }
    return Microseconds{0};
}

}  // namespace punkt::api

#include "engine/rate_window.h"

#include <algorithm>

namespace punkt::engine {

Microseconds RateWindow::interval(const Rate& rate) {
    const Microseconds period = rate.period;
    return (period + Microseconds{rate.count - 1}) / rate.count;  // rounded up: never too many
}

Microseconds RateWindow::fill(Microseconds full_at, const Mark& mark, const Rate& rate) {
    return std::max(full_at, mark.last) + interval(rate) * mark.count;
}

Microseconds RateWindow::window_wait(const Rate& rate, Microseconds now, int reserved) const {
    int excess = reserved + 1 - rate.count;
    auto oldest = marks_.end();
    while (oldest != marks_.begin() && std::prev(oldest)->last + rate.period > now) {
        --oldest;
        excess += oldest->count;
    }
    for (; excess > 0 && oldest != marks_.end(); ++oldest) {
        excess -= oldest->count;
        if (excess <= 0) return oldest->last + rate.period - now;
    }
    return excess > 0 ? Microseconds{rate.period} : Microseconds{0};
}

/// Another rate than the latest judges the starts anew.
Microseconds RateWindow::bucket_full_at(const Rate& rate) const {
    if (rate == rate_) return full_at_;
    Microseconds full_at = always;
    for (const Mark& mark : marks_) full_at = fill(full_at, mark, rate);
    return full_at;
}

Microseconds RateWindow::wait(const Rate& rate, Microseconds now, int reserved) const {
    if (marks_.empty() && reserved == 0) return Microseconds{0};
    const Microseconds apart = interval(rate);
    Microseconds full_at = bucket_full_at(rate);
    if (reserved > 0) full_at = std::max(full_at, now) + apart * reserved;
    const Microseconds bucket = full_at - apart * (std::clamp(rate.burst, 1, rate.count) - 1) - now;
    // One at a time, evenly: then the bucket alone keeps every window, and most need not be walked through.
    const Microseconds window = rate.burst <= 1 && rate == rate_ ? bucket : window_wait(rate, now, reserved);
    return std::max({bucket, window, Microseconds{0}});
}

void RateWindow::started(const Rate& rate, Microseconds at) {
    kept_ = marks_.empty() ? Microseconds{rate.period} : std::max<Microseconds>(kept_, rate.period);
    const auto gone =
        std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) { return mark.last + kept_ > at; });
    marks_.erase(marks_.begin(), gone);
    if (rate != rate_) full_at_ = bucket_full_at(rate);
    rate_ = rate;
    const Microseconds together = rate.count <= marks_max ? Microseconds{0} : Microseconds{rate.period} / marks_max;
    if (!marks_.empty() && at - marks_.back().first <= together) {
        marks_.back().last = at;
        ++marks_.back().count;
    } else {
        marks_.push_back({.first = at, .last = at, .count = 1});
    }
    full_at_ = fill(full_at_, {.last = at, .count = 1}, rate);
}

void RateWindow::remember(Microseconds at, Microseconds period) {
    kept_ = std::max(kept_, period);
    marks_.push_back({.first = at, .last = at, .count = 1});
}

Microseconds Rates::wait(Scope scope, const Rate& rate, Microseconds now, int reserved) const {
    static const RateWindow none;
    const auto found = windows_.find(scope);
    return (found == windows_.end() ? none : found->second).wait(rate, now, reserved);
}

void Rates::started(Scope scope, const Rate& rate, Microseconds at) {
    if (windows_.size() >= tidy_at_) {
        std::erase_if(windows_, [at](const auto& entry) { return entry.second.is_over(at); });
        tidy_at_ = std::max(tidy_first, 2 * windows_.size());
    }
    windows_[scope].started(rate, at);
}

void Rates::remember(Scope scope, Microseconds at, Microseconds period) { windows_[scope].remember(at, period); }

}  // namespace punkt::engine

#include "app/simulation/load.h"

#include <algorithm>

#include "core/words.h"

namespace punkt::app {
namespace {

constexpr Milliseconds one_minute{60'000};

Timestamp minute_of(Timestamp at) { return at - Milliseconds{to_ms(at) % one_minute.count()}; }

constexpr Words<SimulatedLoad::Type, 3> types{{{SimulatedLoad::Type::organization, "organization"},
                                               {SimulatedLoad::Type::queue, "queue"},
                                               {SimulatedLoad::Type::key, "key"}}};

}  // namespace

const char* word(SimulatedLoad::Type type) { return types.word(type); }

void LoadMeter::close(const SimulatedMinute& minute) {
    if (minute.starts + minute.failures + minute.in_flight + minute.waiting == 0) return;
    load_.in_flight_max = std::max(load_.in_flight_max, minute.in_flight);
    load_.waiting_max = std::max(load_.waiting_max, minute.waiting);
    if (minute.waiting > 0) ++load_.waiting_minutes;
    if (minute.starts > load_.busiest.starts) load_.busiest = minute;
    if (points_ <= 0) {
        load_.has_all_minutes = false;
        return;
    }
    --points_;
    load_.minutes.push_back(minute);
}

/// That of `now`. Those since the last one saw the load that it left behind.
SimulatedMinute& LoadMeter::minute(Timestamp now) {
    const Timestamp wanted = minute_of(now);
    if (!current_) current_ = SimulatedMinute{.at = wanted};
    while (current_->at < wanted) {
        close(*current_);
        const bool is_idle = out_ + settled_waiting_ == 0;
        current_ = SimulatedMinute{
            .at = is_idle ? wanted : current_->at + one_minute, .in_flight = out_, .waiting = settled_waiting_};
    }
    return *current_;
}

void LoadMeter::started(Timestamp now, bool is_retry) {
    SimulatedMinute& current = minute(now);
    ++load_.starts;
    ++current.starts;
    if (is_retry) ++current.retries;
    current.in_flight = std::max(current.in_flight, ++out_);
}

void LoadMeter::ended(Timestamp now, bool is_failure) {
    SimulatedMinute& current = minute(now);
    if (is_failure) ++current.failures;
    --out_;
}

void LoadMeter::settled(Timestamp now) {
    if (waiting_ == settled_waiting_) return;
    SimulatedMinute& current = minute(now);
    current.waiting = std::max(current.waiting, waiting_);
    settled_waiting_ = waiting_;
}

SimulatedLoad LoadMeter::finish(Timestamp until) {
    if (current_) {
        // The minute that begins with the end is not part of what was simulated.
        minute(until - Milliseconds{1});
        close(*current_);
    }
    return std::move(load_);
}

}  // namespace punkt::app

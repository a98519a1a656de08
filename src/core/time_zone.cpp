#include "core/time_zone.h"

#include <algorithm>

#include "core/zone_database.h"

namespace punkt {

TimeZone TimeZone::utc() { return TimeZone(nullptr); }

Result<TimeZone> TimeZone::find(std::string_view name) {
    if (name == "UTC") return utc();
    const auto zone = ZoneDatabase::of_system().find(name);
    if (!zone) return zone.error();
    return TimeZone(*zone);
}

std::string_view TimeZone::name() const { return zone_ ? std::string_view(zone_->name) : "UTC"; }

std::size_t TimeZone::index_at(Timestamp at) const {
    if (!zone_) return 0;
    const auto& starts = zone_->table.starts;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), seconds) - starts.begin());
}

TimeZone::Span TimeZone::span(std::size_t index) const {
    if (!zone_) return {Timestamp::min(), Timestamp::max(), std::chrono::seconds{0}};
    const auto& [starts, offsets] = zone_->table;
    const auto start = [&](std::size_t i) { return Timestamp{std::chrono::seconds{starts[i]}}; };
    return {index == 0 ? Timestamp::min() : start(index - 1), index == starts.size() ? Timestamp::max() : start(index),
            std::chrono::seconds{offsets[index]}};
}

TimeZone::Span TimeZone::span_at(Timestamp at) const { return span(index_at(at)); }

TimeZone::Local TimeZone::to_local(Timestamp at) const { return span_at(at).to_local(at); }

TimeZone::Instants TimeZone::to_instants(Local local) const {
    const Timestamp as_utc{local.time_since_epoch()};
    if (!zone_) return {Instants::Kind::unique, as_utc, as_utc};

    Instants found;
    int count = 0;
    const auto last = zone_->table.starts.size();
    for (auto i = index_at(as_utc - offset_max); i <= last && count < 2; ++i) {
        const auto here = span(i);
        if (i != 0 && here.begin > as_utc + offset_max) break;
        const auto at = here.to_instant(local);
        if (at >= here.begin && at < here.end) {
            (count++ == 0 ? found.first : found.second) = at;
        } else if (count == 0 && at >= here.end && i < last && span(i + 1).to_instant(local) < here.end) {
            return {Instants::Kind::gap, here.end, here.end};
        }
    }
    if (count == 2) return {Instants::Kind::fold, found.first, found.second};
    return {Instants::Kind::unique, found.first, found.first};
}

TimeZone::Local TimeZone::furthest_local(Timestamp at) const {
    auto index = index_at(at);
    auto here = span(index);
    Local furthest = here.to_local(at);
    while (index > 0 && at - here.begin <= 2 * offset_max) {
        const auto before = span(--index);
        furthest = std::max(furthest, before.to_local(here.begin) - Milliseconds{1});
        here = before;
    }
    return furthest;
}

}  // namespace punkt

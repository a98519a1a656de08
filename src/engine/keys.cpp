#include "engine/keys.h"

#include <algorithm>
#include <utility>

#include "core/execution.h"

namespace punkt::engine {

Scope scope_of_key(Id organization, std::string_view key) {
    return lane_of(organization, std::string("\x1fkey:").append(key));  // no queue has such a name
}

DemandsPtr demands_of(Id organization, const std::vector<KeyLimit>& limits) {
    if (limits.empty()) return nullptr;
    auto demands = std::make_shared<Demands>();
    demands->limits = limits;
    for (const KeyLimit& limit : limits) demands->scopes.push_back(scope_of_key(organization, limit.key));
    return demands;
}

std::vector<Turnstile> Keys::look(const Demands& demands, Microseconds now) const {
    std::vector<Turnstile> turnstiles;
    turnstiles.reserve(demands.limits.size());
    for (std::size_t i = 0; i < demands.limits.size(); ++i) {
        const KeyLimit& limit = demands.limits[i];
        const auto found = counts_.find(demands.scopes[i]);
        const Count count = found == counts_.end() ? Count{} : found->second;
        Turnstile one{.name = limit.key, .slots = {.used = count.used, .limit = limit.concurrency}};
        if (limit.rate)
            one.wait =
                std::chrono::ceil<Milliseconds>(rates_.wait(demands.scopes[i], *limit.rate, now, count.reserved));
        turnstiles.push_back(one);
    }
    return turnstiles;
}

void Keys::take(Id run, DemandsPtr demands, bool starts, Microseconds now) {
    for (std::size_t i = 0; i < demands->scopes.size(); ++i) {
        Count& count = counts_[demands->scopes[i]];
        ++count.used;
        if (!starts)
            ++count.reserved;
        else if (demands->limits[i].rate)
            rates_.started(demands->scopes[i], *demands->limits[i].rate, now);
    }
    runs_.emplace(run, Taken{std::move(demands), starts});
}

DemandsPtr Keys::release(Id run, bool started) {
    auto [found, end] = runs_.equal_range(run);
    if (found == end) return nullptr;
    for (auto copy = found; copy != end; ++copy)
        if (copy->second.started == started) found = copy;
    const Taken taken = std::move(found->second);
    runs_.erase(found);
    for (const Scope scope : taken.demands->scopes) {
        const auto place = counts_.find(scope);
        Count& count = place->second;
        --count.used;
        if (!taken.started) --count.reserved;
        if (count.used == 0) counts_.erase(place);
    }
    return taken.demands;
}

std::vector<Id> Keys::inside(Scope scope) const {
    std::vector<Id> found;
    for (const auto& [run, taken] : runs_)
        if (std::find(taken.demands->scopes.begin(), taken.demands->scopes.end(), scope) != taken.demands->scopes.end())
            found.push_back(run);
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace punkt::engine

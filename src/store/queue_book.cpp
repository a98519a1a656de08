#include "store/queue_book.h"

#include <algorithm>
#include <mutex>

namespace punkt::store {

void QueueBook::put(const QueueSettings& settings) {
    const std::lock_guard lock(mutex_);
    queues_.insert_or_assign(lane_of(settings.organization, settings.name), settings);
}

std::optional<QueueSettings> QueueBook::find(Id organization, Lane lane) const {
    const std::shared_lock lock(mutex_);
    const auto found = queues_.find(lane);
    if (found == queues_.end() || found->second.organization != organization) return std::nullopt;
    return found->second;
}

std::optional<QueueSettings> QueueBook::find(Id organization, std::string_view name) const {
    return find(organization, lane_of(organization, name));
}

std::vector<QueueSettings> QueueBook::of(Id organization) const {
    std::vector<QueueSettings> found;
    {
        const std::shared_lock lock(mutex_);
        for (const auto& [lane, settings] : queues_)
            if (settings.organization == organization) found.push_back(settings);
    }
    std::sort(found.begin(), found.end(),
              [](const QueueSettings& a, const QueueSettings& b) { return a.name < b.name; });
    return found;
}

}  // namespace punkt::store

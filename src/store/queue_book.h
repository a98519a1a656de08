// The settings of queues in memory: asked whenever something starts or is created, without a read from disk.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/execution.h"
#include "core/queue.h"

namespace punkt::store {

/// Threads: any.
class QueueBook {
  public:
    /// New or changed, after the commit.
    void put(const QueueSettings& settings);
    /// Nothing for a queue that was never set, and for lanes that are no queues: the defaults hold.
    std::optional<QueueSettings> find(Id organization, Lane lane) const;
    std::optional<QueueSettings> find(Id organization, std::string_view name) const;
    /// Those of one organization, by name.
    std::vector<QueueSettings> of(Id organization) const;

  private:
    mutable std::shared_mutex mutex_;
    std::unordered_map<Lane, QueueSettings> queues_;
};

}  // namespace punkt::store

// What is asked about organizations on hot paths, in memory: the secrets that sign their deliveries.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "base/id.h"
#include "core/delivery.h"
#include "store/organizations.h"

namespace punkt::accounts {

/// Threads: any.
class OrganizationBook {
  public:
    /// New or changed, after the commit.
    void put(const store::Organization& organization);
    /// Those that sign `now`; empty for an unknown organization.
    WebhookSecrets webhook_secrets(Id organization, Timestamp now) const;
    /// Until when the previous one signs; nothing when none does `now`.
    std::optional<Timestamp> previous_until(Id organization, Timestamp now) const;

  private:
    mutable std::shared_mutex mutex_;
    struct Entry {
        WebhookSecrets secrets;
        std::optional<Timestamp> previous_until;
    };
    std::unordered_map<Id, Entry> entries_;
};

}  // namespace punkt::accounts

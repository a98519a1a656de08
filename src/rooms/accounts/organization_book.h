// What is asked about organizations on hot paths, in memory: the secret that signs their deliveries.
#pragma once

#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "base/id.h"
#include "store/organizations.h"

namespace punkt::accounts {

/// Threads: any.
class OrganizationBook {
  public:
    /// New or changed, after the commit.
    void put(const store::Organization& organization);
    /// "whsec_…"; empty for an unknown organization.
    std::string webhook_secret(Id organization) const;

  private:
    mutable std::shared_mutex mutex_;
    std::unordered_map<Id, std::string> secrets_;
};

}  // namespace punkt::accounts

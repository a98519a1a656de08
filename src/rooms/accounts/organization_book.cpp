#include "rooms/accounts/organization_book.h"

#include <mutex>

namespace punkt::accounts {

void OrganizationBook::put(const store::Organization& organization) {
    const std::lock_guard lock(mutex_);
    secrets_.insert_or_assign(organization.id, organization.webhook_secret);
}

std::string OrganizationBook::webhook_secret(Id organization) const {
    const std::shared_lock lock(mutex_);
    const auto found = secrets_.find(organization);
    return found == secrets_.end() ? "" : found->second;
}

}  // namespace punkt::accounts

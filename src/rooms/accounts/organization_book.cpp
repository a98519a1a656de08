#include "rooms/accounts/organization_book.h"

#include <mutex>

namespace punkt::accounts {

void OrganizationBook::put(const store::Organization& organization) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(organization.id, Entry{.secrets = {.current = organization.webhook_secret,
                                                                 .previous = organization.previous_webhook_secret},
                                                     .previous_until = organization.previous_secret_until});
}

WebhookSecrets OrganizationBook::webhook_secrets(Id organization, Timestamp now) const {
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(organization);
    if (found == entries_.end()) return {};
    const Entry& entry = found->second;
    if (!entry.previous_until || *entry.previous_until <= now) return {.current = entry.secrets.current};
    return entry.secrets;
}

std::optional<Timestamp> OrganizationBook::previous_until(Id organization, Timestamp now) const {
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(organization);
    if (found == entries_.end() || !found->second.previous_until || *found->second.previous_until <= now)
        return std::nullopt;
    return found->second.previous_until;
}

}  // namespace punkt::accounts

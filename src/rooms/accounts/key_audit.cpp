#include "rooms/accounts/key_audit.h"

#include "api/audit.h"

namespace punkt::accounts {

Accounts::Note key_note(const api::Context& context, std::string_view action, const PublicIds& ids) {
    return [by = api::audit_entry(context, action, "api_key", ""), &ids](const ApiKey& key) {
        AuditEntry entry = by;
        entry.organization = key.organization;
        entry.resource_id = ids.uuid(IdKind::api_key, key.id);
        entry.metadata.emplace_back("name", key.name);
        entry.metadata.emplace_back("key_id", key.key_id);
        return entry;
    };
}

}  // namespace punkt::accounts

#include "rooms/accounts/key_audit.h"

#include "api/audit.h"

namespace punkt::accounts {

namespace {

Accounts::Note note_by(AuditEntry by, const PublicIds& ids) {
    return [by = std::move(by), &ids](const ApiKey& key) {
        AuditEntry entry = by;
        entry.organization = key.organization;
        entry.resource_id = ids.uuid(IdKind::api_key, key.id);
        entry.metadata.emplace_back("name", key.name);
        entry.metadata.emplace_back("key_id", key.key_id);
        return entry;
    };
}

}  // namespace

Accounts::Note key_note(const api::Context& context, std::string_view action, const PublicIds& ids) {
    return note_by(api::audit_entry(context, action, "api_key", ""), ids);
}

Accounts::Note key_note(std::string by, Timestamp now, std::string_view action, const PublicIds& ids) {
    return note_by({.at = now,
                    .actor_type = ActorType::system,
                    .actor_name = std::move(by),
                    .action = std::string(action),
                    .resource_type = "api_key"},
                   ids);
}

}  // namespace punkt::accounts

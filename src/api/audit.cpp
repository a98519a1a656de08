#include "api/audit.h"

namespace punkt::api {
namespace {

constexpr std::size_t user_agent_bytes_max = 200;

}  // namespace

AuditEntry audit_entry(const Context& context, std::string_view action, std::string_view resource_type,
                       std::string_view resource_id) {
    const std::string& name = context.caller.key_name;
    AuditEntry entry{.at = context.now,
                     .organization = context.caller.organization,
                     .actor_type = ActorType::api,
                     .actor_name = name,
                     .action = std::string(action),
                     .resource_type = std::string(resource_type),
                     .resource_id = std::string(resource_id)};
    entry.metadata = {{"api_key_name", name}, {"ip", context.request.peer}, {"request_id", context.request_id}};
    if (const auto agent = context.request.header("user-agent"))
        entry.metadata.emplace_back("user_agent", agent->substr(0, user_agent_bytes_max));
    return entry;
}

}  // namespace punkt::api

// Who asked for a change, for the audit log (core/audit.h).
#pragma once

#include <string>
#include <string_view>

#include "api/context.h"
#include "core/audit.h"

namespace punkt::api {

/// An entry with its time, organization and actor, and where the request came from. The caller adds `changes` and what
/// else is worth knowing to `metadata`.
AuditEntry audit_entry(const Context& context, std::string_view action, std::string_view resource_type,
                       std::string_view resource_id);

}  // namespace punkt::api

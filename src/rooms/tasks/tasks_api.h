// The native API of tasks and executions. Source: runlater-api.md §2, contract/README.md.
#pragma once

#include <vector>

#include "api/definition_part.h"
#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "engine/inbox.h"
#include "rooms/tasks/task_audit.h"
#include "rooms/tasks/task_rules.h"
#include "store/writer.h"

namespace punkt::tasks {

/// What the handlers work with; everything outlives the router.
struct Services {
    IdMaker& ids;
    const PublicIds& public_ids;
    store::Writer& writer;
    api::Readers& readers;
    engine::Inbox& engine;
    Rules rules = {};
    store::Quotas* quotas = nullptr;  // nothing: there are no plans
    AuditOptions audit = {};
    std::vector<const api::DefinitionPart*> other_definitions = {};  // what export and import have beside tasks
};

/// Adds every route of this room.
void add_routes(api::Router& router, const Services& services);

}  // namespace punkt::tasks

// Target hosts that something is known against, as the engine sees them. Source: execution.md §7 "Punkt goes beyond".
#pragma once

#include "api/router.h"
#include "engine/inbox.h"

namespace punkt::hosts {

/// GET /api/v1/hosts and /:host, POST /:host/reset, DELETE /:host. `engine` outlives the router.
void add_routes(api::Router& router, engine::Inbox& engine);

}  // namespace punkt::hosts

// Target hosts that something is known against, as the engine sees them. Source: execution.md §7 "Punkt goes beyond".
#pragma once

#include "api/router.h"
#include "engine/inbox.h"
#include "store/writer.h"

namespace punkt::hosts {

/// What the handlers work with; everything outlives the router.
struct Services {
    engine::Inbox& engine;
    store::Writer& writer;
};

/// GET /api/v1/hosts and /:host, POST /:host/reset, DELETE /:host.
void add_routes(api::Router& router, const Services& services);

}  // namespace punkt::hosts

// Plans and usage over HTTP. Source: accounts.md §5, §6 with "goes beyond".
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "engine/inbox.h"
#include "store/organizations.h"
#include "store/quotas.h"
#include "store/writer.h"

namespace punkt::plans {

/// What the handlers work with; everything outlives the router.
struct Services {
    const PublicIds& public_ids;
    store::Writer& writer;
    api::Readers& readers;
    store::Quotas& quotas;
    engine::Inbox& engine;
};

/// GET /usage and /organization with any key; GET /organizations and PUT /organizations/:id/plan with the master key.
/// Threads: before serving.
void add_routes(api::Router& router, const Services& services);

}  // namespace punkt::plans

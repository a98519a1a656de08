// The native API of queues. Source: runlater-api.md §4; the settings and the depth go beyond it.
#pragma once

#include <functional>
#include <string>

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "core/queue.h"
#include "engine/inbox.h"
#include "store/queue_book.h"
#include "store/writer.h"

namespace punkt::queues {

/// What the handlers work with; everything outlives the router.
struct Services {
    IdMaker& ids;
    const PublicIds& public_ids;
    store::Writer& writer;
    api::Readers& readers;
    engine::Inbox& engine;
    store::QueueBook& book;
};

/// GET /api/v1/queues and /:name, PUT /:name, POST /:name/pause, resume, drain and purge, DELETE /api/v1/tasks.
void add_routes(api::Router& router, const Services& services);

/// Part of add_routes: what ends many runs or tasks at once.
void add_bulk_routes(api::Router& router, const Services& services);

/// The name in a path. Errors: `invalid` for one that no queue can have.
Result<std::string> queue_name(const api::Context& context);

/// Which runs of a queue are out now.
Async<std::vector<Id>> running_in(const Services& services, Lane lane);

}  // namespace punkt::queues

// GET /api/v1/events and /api/v1/subscriptions.
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "net/address_guard.h"
#include "rooms/events/hub.h"
#include "rooms/events/journal.h"
#include "rooms/events/keeper.h"
#include "store/writer.h"

namespace punkt::events {

/// What the handlers work with; everything outlives the router.
struct Services {
    IdMaker& ids;
    const PublicIds& public_ids;
    store::Writer& writer;
    api::Readers& readers;
    Hub& hub;
    EventJournal& journal;
    Keeper& keeper;
    net::AddressGuard guard = {};  // literal private addresses are refused at create when it does not allow them
};

/// Adds every route of this room.
void add_routes(api::Router& router, const Services& services);
void add_subscription_routes(api::Router& router, const Services& services);

}  // namespace punkt::events

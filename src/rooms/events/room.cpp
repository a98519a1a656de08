#include "rooms/events/room.h"

namespace punkt::events {

Room::Room(IdMaker& ids, const PublicIds& public_ids, const Clock& clock, Metrics& metrics, Options options)
    : ids_(ids),
      public_ids_(public_ids),
      clock_(clock),
      options_(options),
      hub_(public_ids, clock, options.hub),
      journal_(ids, public_ids, clock, hub_, metrics),
      passing_(ids, public_ids, hub_) {
    metrics.read(Metrics::Kind::gauge, "punkt_event_listeners", "Streams of events that are open",
                 [this] { return static_cast<double>(hub_.listeners()); });
}

void Room::add_routes(api::Router& router, store::Writer& writer, api::Readers& readers,
                      const net::AddressGuard& guard) {
    keeper_ = std::make_unique<Keeper>(writer, journal_, hub_, ids_, clock_, options_.keeper);
    events::add_routes(router, {.ids = ids_,
                                .public_ids = public_ids_,
                                .writer = writer,
                                .readers = readers,
                                .hub = hub_,
                                .journal = journal_,
                                .keeper = *keeper_,
                                .guard = guard});
}

bool Room::beat() {
    hub_.beat();
    return false;
}

}  // namespace punkt::events

// The room as a whole, for app/wiring: what it owns and where it plugs in.
#pragma once

#include <memory>

#include "rooms/events/events_api.h"
#include "rooms/events/passing.h"
#include "rooms/events/subscription_definitions.h"

namespace punkt::events {

class Room {
  public:
    struct Options {
        Hub::Options hub = {};
        Keeper::Options keeper = {};
    };
    /// Outlives the writer, the engine and the server.
    Room(IdMaker& ids, const PublicIds& public_ids, const Clock& clock, Metrics& metrics, Options options);

    /// What is stored. Before the writer starts.
    Result<void> load(db::Connection& connection) { return journal_.load(connection); }
    store::Journal& journal() { return journal_; }
    engine::Observer& observer() { return passing_; }
    void add_routes(api::Router& router, store::Writer& writer, api::Readers& readers, const net::AddressGuard& guard);

    /// Subscriptions as a part of the definitions. Outlived by the room.
    std::unique_ptr<api::DefinitionPart> definitions(const net::AddressGuard& guard) {
        return std::make_unique<SubscriptionDefinitions>(journal_, ids_, public_ids_, guard);
    }

    // Chores: every second, and every minute.
    bool beat();
    bool keep() { return keeper_->step(); }

    /// Ends all streams; after the server has had its grace and before it is destroyed.
    void stop() { hub_.stop(); }

  private:
    IdMaker& ids_;
    const PublicIds& public_ids_;
    const Clock& clock_;
    const Options options_;
    Hub hub_;
    EventJournal journal_;
    PassingEvents passing_;
    std::unique_ptr<Keeper> keeper_;
};

}  // namespace punkt::events

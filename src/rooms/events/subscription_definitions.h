// Event webhooks as a part of an organization's definitions.
#pragma once

#include "api/definition_part.h"
#include "base/id.h"
#include "net/address_guard.h"
#include "rooms/events/journal.h"

namespace punkt::events {

/// [{"url","types","enabled"}] by URL. An item is the subscription of its URL; of several with one URL the first stands
/// for the oldest. What it is made with outlives it.
class SubscriptionDefinitions final : public api::DefinitionPart {
  public:
    SubscriptionDefinitions(EventJournal& journal, IdMaker& ids, const PublicIds& public_ids, net::AddressGuard guard)
        : journal_(journal), ids_(ids), public_ids_(public_ids), guard_(std::move(guard)) {}

    std::string_view member() const override { return "subscriptions"; }
    std::string_view type() const override { return "subscription"; }
    void write(json::Writer& writer, Id organization) const override;
    api::DefinitionPlan plan(const api::Context& context, json::Value declared, bool prune) const override;

  private:
    EventJournal& journal_;
    IdMaker& ids_;
    const PublicIds& public_ids_;
    const net::AddressGuard guard_;
};

}  // namespace punkt::events

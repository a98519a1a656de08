// The SQL of events, of who is watched, and of subscriptions. Inside the caller's transaction if there is one.
#pragma once

#include <optional>
#include <vector>

#include "db/connection.h"
#include "rooms/events/event.h"
#include "rooms/events/subscription.h"

namespace punkt::events {

/// An organization whose events are kept, because somebody listened to them lately.
struct Watch {
    Id organization = 0;
    Id since = 0;  // behind this id no event is missing
    Timestamp until{};
    std::int64_t kept = 0;  // events
};

/// Events of watched organizations.
Result<void> insert_events(db::Connection& connection, const std::vector<Event>& events);
/// Those behind `after`, oldest first.
Result<std::vector<Event>> read_events(db::Connection& connection, Id organization, Id after, int limit);
/// The greatest id of events and subscriptions; 0 when there is none: new ids are made above it.
Result<Id> greatest_id(db::Connection& connection);

Result<std::vector<Watch>> list_watches(db::Connection& connection);
Result<std::optional<Watch>> find_watch(db::Connection& connection, Id organization);
/// Begins or prolongs it. One that is over at `now` begins anew, behind `fresh`. Answers how it stands.
Result<Watch> keep_watch(db::Connection& connection, Id organization, Id fresh, Timestamp now, Timestamp until);
Result<void> end_watch(db::Connection& connection, Id organization);
/// Deletes at most `limit` of the oldest events up to id `until`; `since` and `kept` of the watch follow. Answers how
/// many.
Result<std::int64_t> forget_events(db::Connection& connection, Id organization, Id until, int limit);

/// All, of every organization.
Result<std::vector<Subscription>> list_subscriptions(db::Connection& connection);
Result<void> insert_subscription(db::Connection& connection, const Subscription& subscription);
/// Errors: `not_found`.
Result<void> replace_subscription(db::Connection& connection, const Subscription& subscription);
/// Only how its deliveries fare, and that it is disabled because of that; whatever else changed meanwhile stays. One
/// that is deleted meanwhile is no error.
Result<void> store_health(db::Connection& connection, const Subscription& subscription);
/// Errors: `not_found`.
Result<void> delete_subscription(db::Connection& connection, Id organization, Id subscription);

}  // namespace punkt::events

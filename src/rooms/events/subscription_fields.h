// The fields of a subscription that a user sets, on the wire.
#pragma once

#include "api/field_reader.h"
#include "base/json.h"
#include "net/address_guard.h"
#include "rooms/events/subscription.h"

namespace punkt::events {

/// Url, types and enabled as far as they are given. Errors: `invalid`, also when there is no URL then.
Result<void> read_subscription(api::FieldReader& fields, const net::AddressGuard& guard, Subscription& subscription);

/// As a list of patterns.
void write_types(json::Writer& writer, const Subscription& subscription);

}  // namespace punkt::events

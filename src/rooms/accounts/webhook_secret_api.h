// The secret that signs the organization's deliveries, over HTTP: to be looked at and replaced.
// Source: accounts.md §2 and §3 "goes beyond"; standard-webhooks.md §1 "Rotation".
#pragma once

#include "api/router.h"
#include "base/id.h"
#include "rooms/accounts/accounts.h"

namespace punkt::accounts {

/// How long the previous secret goes on signing.
constexpr std::int64_t overlap_hours_default = 24;
constexpr std::int64_t overlap_hours_max = 7 * 24;

/// GET /api/v1/organization/webhook-secret, POST …/rotate and DELETE …/previous, with any key of the organization.
/// Everything outlives the router. Threads: before serving.
void add_webhook_secret_routes(api::Router& router, Accounts& accounts, const PublicIds& ids);

}  // namespace punkt::accounts

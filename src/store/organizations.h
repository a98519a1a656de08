// Organizations: whom everything belongs to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "db/connection.h"

namespace punkt::store {

struct Organization {
    Id id = 0;
    std::string name;
    std::string webhook_secret;  // "whsec_…"
    Timestamp created_at{};
    Timestamp updated_at{};
    std::string previous_webhook_secret = {};  // signs too, until then; empty: there is none
    std::optional<Timestamp> previous_secret_until = std::nullopt;
};

/// "whsec_" and 48 random hexadecimal digits (execution.md §5.1): as text the key of x-runlater-signature, and at the
/// same time base64 of 36 bytes, the key of the Standard Webhooks signature (24…64 bytes, standard-webhooks.md §1).
std::string make_webhook_secret();

/// Inside the caller's transaction.
Result<void> insert_organization(db::Connection& connection, const Organization& organization);

Result<std::optional<Organization>> find_organization(db::Connection& connection, Id id);
/// The oldest of that name.
Result<std::optional<Organization>> find_organization(db::Connection& connection, std::string_view name);
/// By id.
Result<std::vector<Organization>> list_organizations(db::Connection& connection);

/// Stores the two secrets of `organization` and until when the previous one signs, inside the caller's transaction.
Result<void> store_webhook_secrets(db::Connection& connection, const Organization& organization);
/// Erases previous secrets that do not sign any more `now`, inside the caller's transaction; answers how many.
Result<std::int64_t> forget_previous_secrets(db::Connection& connection, Timestamp now);

}  // namespace punkt::store

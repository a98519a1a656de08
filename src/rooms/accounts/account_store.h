// The SQL of keys. Every function works on the connection that it is given, inside the caller's
// transaction if there is one.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/connection.h"
#include "rooms/accounts/account.h"

namespace punkt::accounts {

/// Errors: `conflict` for a secret that is already stored.
Result<void> insert_key(db::Connection& connection, const ApiKey& key);
Result<std::optional<ApiKey>> find_key(db::Connection& connection, Id id);
/// All that are not revoked, of every organization: what is kept in memory.
Result<std::vector<ApiKey>> active_keys(db::Connection& connection);
/// Of one organization, or of all with 0; revoked ones too; oldest first.
Result<std::vector<ApiKey>> list_keys(db::Connection& connection, Id organization);
/// Revokes it if it is not revoked yet. Answers whether there is such a key.
Result<bool> revoke_key(db::Connection& connection, Id id, Timestamp now);
/// Never moves backwards.
Result<void> set_last_used(db::Connection& connection, Id id, Timestamp at);

/// Of all keys, 0 when there is none: new ids are made above it.
Result<Id> greatest_id(db::Connection& connection);

}  // namespace punkt::accounts

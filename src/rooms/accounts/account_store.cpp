#include "rooms/accounts/account_store.h"

namespace punkt::accounts {
namespace {

ApiKey key_from(const db::Row& row) {
    return {.id = row.integer(0),
            .organization = row.integer(1),
            .kind = row.as<KeyKind>(2),
            .key_id = row.string(3),
            .secret_sha256 = row.string(4),
            .name = row.string(5),
            .created_at = row.timestamp(6),
            .updated_at = row.timestamp(7),
            .last_used_at = row.optional_timestamp(8),
            .revoked_at = row.optional_timestamp(9)};
}

Result<std::vector<ApiKey>> keys(db::Connection& connection, std::string_view sql,
                                 std::initializer_list<db::Parameter> parameters = {}) {
    std::vector<ApiKey> found;
    auto done = connection.query(sql, parameters, [&](const db::Row& row) { found.push_back(key_from(row)); });
    if (!done) return done.error();
    return found;
}

Result<void> without_count(Result<std::int64_t> changed) {
    if (!changed) return changed.error();
    return {};
}

#define PUNKT_KEY_COLUMNS \
    "id, organization, kind, key_id, secret_sha256, name, created_at, updated_at, last_used_at, revoked_at"

}  // namespace

Result<void> insert_key(db::Connection& connection, const ApiKey& key) {
    return without_count(connection.execute(
        "INSERT INTO api_key (" PUNKT_KEY_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {key.id, key.organization, key.kind, key.key_id, key.secret_sha256, key.name, key.created_at, key.updated_at,
         key.last_used_at, key.revoked_at}));
}

Result<std::optional<ApiKey>> find_key(db::Connection& connection, Id id) {
    auto found = keys(connection, "SELECT " PUNKT_KEY_COLUMNS " FROM api_key WHERE id = $1", {id});
    if (!found) return found.error();
    return found->empty() ? std::optional<ApiKey>() : std::move(found->front());
}

Result<std::vector<ApiKey>> active_keys(db::Connection& connection) {
    return keys(connection, "SELECT " PUNKT_KEY_COLUMNS " FROM api_key WHERE revoked_at IS NULL ORDER BY id");
}

Result<std::vector<ApiKey>> list_keys(db::Connection& connection, Id organization) {
    if (organization == 0) return keys(connection, "SELECT " PUNKT_KEY_COLUMNS " FROM api_key ORDER BY id");
    return keys(connection, "SELECT " PUNKT_KEY_COLUMNS " FROM api_key WHERE organization = $1 ORDER BY id",
                {organization});
}

Result<bool> revoke_key(db::Connection& connection, Id id, Timestamp now) {
    auto changed = connection.execute(
        "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $2), updated_at = CASE WHEN revoked_at IS NULL THEN $2 "
        "ELSE updated_at END WHERE id = $1",
        {id, now});
    if (!changed) return changed.error();
    return *changed > 0;
}

Result<void> set_last_used(db::Connection& connection, Id id, Timestamp at) {
    return without_count(connection.execute(
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        {id, at}));
}

Result<Id> greatest_id(db::Connection& connection) {
    return db::query_number(connection, "SELECT COALESCE(MAX(id), 0) FROM api_key");
}

}  // namespace punkt::accounts

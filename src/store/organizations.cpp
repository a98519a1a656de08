#include "store/organizations.h"

#include <fmt/format.h>

#include "base/crypto.h"

namespace punkt::store {
namespace {

Organization read(const db::Row& row) {
    return {.id = row.integer(0),
            .name = row.string(1),
            .webhook_secret = row.string(2),
            .created_at = row.timestamp(3),
            .updated_at = row.timestamp(4),
            .previous_webhook_secret = row.is_null(5) ? "" : row.string(5),
            .previous_secret_until = row.optional_timestamp(6)};
}

constexpr const char* columns =
    "id, name, webhook_secret, created_at, updated_at, previous_webhook_secret, previous_secret_until";

}  // namespace

std::string make_webhook_secret() { return "whsec_" + crypto::hex(crypto::random_bytes(24)); }

Result<std::optional<Organization>> find_organization(db::Connection& connection, Id id) {
    std::optional<Organization> found;
    auto done = connection.query(fmt::format("SELECT {} FROM organization WHERE id = $1", columns), {id},
                                 [&](const db::Row& row) { found = read(row); });
    if (!done) return done.error();
    return found;
}

Result<std::optional<Organization>> find_organization(db::Connection& connection, std::string_view name) {
    std::optional<Organization> found;
    auto done =
        connection.query(fmt::format("SELECT {} FROM organization WHERE name = $1 ORDER BY id LIMIT 1", columns),
                         {name}, [&](const db::Row& row) { found = read(row); });
    if (!done) return done.error();
    return found;
}

Result<std::vector<Organization>> list_organizations(db::Connection& connection) {
    std::vector<Organization> found;
    auto done = connection.query(fmt::format("SELECT {} FROM organization ORDER BY id", columns), {},
                                 [&](const db::Row& row) { found.push_back(read(row)); });
    if (!done) return done.error();
    return found;
}

Result<void> insert_organization(db::Connection& connection, const Organization& organization) {
    auto done = connection.execute(
        "INSERT INTO organization (id, name, webhook_secret, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)",
        {organization.id, organization.name, organization.webhook_secret, organization.created_at,
         organization.updated_at});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> store_webhook_secrets(db::Connection& connection, const Organization& organization) {
    const bool has_previous = !organization.previous_webhook_secret.empty();
    auto done = connection.execute(
        "UPDATE organization SET webhook_secret = $2, previous_webhook_secret = $3, previous_secret_until = $4, "
        "updated_at = $5 WHERE id = $1",
        {organization.id, organization.webhook_secret,
         has_previous ? db::Parameter(organization.previous_webhook_secret) : db::Parameter(std::nullopt),
         organization.previous_secret_until, organization.updated_at});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<std::int64_t> forget_previous_secrets(db::Connection& connection, Timestamp now) {
    return connection.execute(
        "UPDATE organization SET previous_webhook_secret = NULL, previous_secret_until = NULL WHERE "
        "previous_secret_until <= $1",
        {now});
}

}  // namespace punkt::store

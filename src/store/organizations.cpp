#include "store/organizations.h"

#include "base/crypto.h"

namespace punkt::store {
namespace {

Organization read(const db::Row& row) {
    return {.id = row.integer(0),
            .name = row.string(1),
            .webhook_secret = row.string(2),
            .created_at = row.timestamp(3),
            .updated_at = row.timestamp(4)};
}

}  // namespace

std::string make_webhook_secret() { return "whsec_" + crypto::hex(crypto::random_bytes(24)); }

Result<std::optional<Organization>> find_organization(db::Connection& connection, Id id) {
    std::optional<Organization> found;
    auto done =
        connection.query("SELECT id, name, webhook_secret, created_at, updated_at FROM organization WHERE id = $1",
                         {id}, [&](const db::Row& row) { found = read(row); });
    if (!done) return done.error();
    return found;
}

Result<std::optional<Organization>> find_organization(db::Connection& connection, std::string_view name) {
    std::optional<Organization> found;
    auto done = connection.query(
        "SELECT id, name, webhook_secret, created_at, updated_at FROM organization WHERE name = $1 ORDER BY id LIMIT 1",
        {name}, [&](const db::Row& row) { found = read(row); });
    if (!done) return done.error();
    return found;
}

Result<std::vector<Organization>> list_organizations(db::Connection& connection) {
    std::vector<Organization> found;
    auto done =
        connection.query("SELECT id, name, webhook_secret, created_at, updated_at FROM organization ORDER BY id", {},
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

Result<void> ChangeWebhookSecret::apply(db::Connection& connection) {
    auto done = connection.execute("UPDATE organization SET webhook_secret = $2, updated_at = $3 WHERE id = $1",
                                   {organization_, secret_, now_});
    if (!done) return done.error();
    if (*done == 0) return Error{.kind = ErrorKind::not_found, .message = "there is no such organization"};
    return {};
}

}  // namespace punkt::store

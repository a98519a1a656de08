#include "facades/qron_keys.h"

#include <algorithm>
#include <map>

#include "base/time_text.h"
#include "facades/qron_problem.h"
#include "rooms/accounts/account_store.h"
#include "rooms/accounts/key_audit.h"

namespace punkt::qron {
namespace {

using accounts::Accounts;
using accounts::ApiKey;

/// What is wrong with "client", in the words of qron.md §7 and, beyond them, of NestJS.
std::vector<FieldError> client_problems(json::Value client) {
    const auto text = client.string();
    if (client.is_nothing() || (text && accounts::name_problem(*text) == "can't be blank"))
        return {{"client", "client should not be empty"}, {"client", "client must be a string"}};
    if (!text) return {{"client", "client must be a string"}};
    if (text->size() > accounts::name_bytes_max)
        return {{"client", "client must be shorter than or equal to 255 characters"}};
    if (!accounts::name_problem(*text).empty()) return {{"client", "client must be printable"}};
    return {};
}

void write_time(json::Writer& writer, std::string_view name, std::optional<Timestamp> at) {
    writer.key(name);
    at ? writer.string(to_text_ms(*at)) : writer.null();
}

}  // namespace

void KeysApi::add_routes(api::Router& router) {
    router.style_errors("/auth", problem);
    const auto add = [&](std::string method, std::string pattern, api::Handler handler) {
        router.add({.method = std::move(method),
                    .pattern = std::move(pattern),
                    .access = api::Access::master,
                    .handler = std::move(handler),
                    .style = problem,
                    .is_idempotent = false});  // a key's secret must not be stored for a replay
    };
    add("POST", "/auth/keys", [this](api::Context& context) { return create(context); });
    add("GET", "/auth/keys", [this](api::Context& context) { return list(context); });
    add("DELETE", "/auth/keys/:id", [this](api::Context& context) { return revoke(context); });
    add("POST", "/auth/sync", [this](api::Context& context) { return sync(context); });
}

Async<net::HttpReply> KeysApi::create(api::Context& context) {
    const json::Value field = context.body ? context.body->root()["client"] : json::Value();
    auto problems = client_problems(field);
    if (!problems.empty())
        co_return problem({.kind = ErrorKind::invalid, .message = "Bad Request", .fields = std::move(problems)});
    const std::string client(*field.string());
    auto note = accounts::key_note(context, "api_key_created", ids_);
    auto issued = co_await wait_for<Result<accounts::Issued>>([this, client, note](Accounts::IssuedDone done) {
        accounts_.issue_for_client(client, accounts::KeyKind::single, note, std::move(done));
    });
    if (!issued) co_return problem(issued.error());
    json::Writer writer;
    writer.begin_object().key("apiKey").string(issued->key.presented());
    writer.key("id").string(ids_.uuid(IdKind::api_key, issued->key.key.id));
    writer.key("client").string(client);
    writer.key("webhook_secret").string(issued->organization.webhook_secret).end_object();
    co_return net::HttpReply{.status = 201, .body = writer.take()};
}

Async<net::HttpReply> KeysApi::list(api::Context&) {
    struct Listing {
        std::vector<ApiKey> keys;
        std::map<Id, std::string> clients;
    };
    auto listing = co_await readers_.read<Listing>([](db::Connection& connection) -> Result<Listing> {
        auto keys = accounts::list_keys(connection, 0);
        if (!keys) return keys.error();
        auto organizations = store::list_organizations(connection);
        if (!organizations) return organizations.error();
        Listing found{.keys = std::move(*keys)};
        for (auto& organization : *organizations) found.clients.emplace(organization.id, std::move(organization.name));
        return found;
    });
    if (!listing) co_return problem(listing.error());
    json::Writer writer;
    writer.begin_array();
    for (const auto& key : listing->keys) {
        writer.begin_object().key("id").string(ids_.uuid(IdKind::api_key, key.id));
        writer.key("client").string(listing->clients[key.organization]);
        writer.key("isActive").boolean(!key.revoked_at);
        write_time(writer, "createdAt", key.created_at);
        write_time(writer, "updatedAt", key.updated_at);
        write_time(writer, "lastUsedAt", std::max(key.last_used_at, accounts_.ring().last_used(key.id)));
        writer.end_object();
    }
    writer.end_array();
    co_return net::HttpReply{.body = writer.take()};
}

Async<net::HttpReply> KeysApi::revoke(api::Context& context) {
    const auto id = ids_.parse(IdKind::api_key, context.path_value("id"));
    if (!id) co_return problem({ErrorKind::not_found, "Key ID not found"});
    auto note = accounts::key_note(context, "api_key_deleted", ids_);
    auto done = co_await wait_for<Result<void>>([this, key = *id, note](store::Done finished) {
        accounts_.revoke(key, 0, Accounts::Again::is_fine, note, std::move(finished));
    });
    if (!done) co_return problem(done.error());
    co_return net::HttpReply{.body = R"({"message":"key revoked"})"};
}

Async<net::HttpReply> KeysApi::sync(api::Context&) {
    auto done =
        co_await wait_for<Result<void>>([this](store::Done finished) { accounts_.reload(std::move(finished)); });
    if (!done) co_return problem(done.error());
    co_return net::HttpReply{.status = 201, .body = R"({"triggered":true})"};
}

}  // namespace punkt::qron

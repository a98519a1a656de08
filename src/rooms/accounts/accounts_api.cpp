#include "rooms/accounts/accounts_api.h"

#include <algorithm>

#include "api/problem.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "rooms/accounts/account_store.h"
#include "rooms/accounts/key_audit.h"

namespace punkt::accounts {

void AccountsApi::add_routes(api::Router& router) {
    router.add({.method = "GET", .pattern = "/api/v1/keys", .handler = [this](api::Context& c) { return list(c); }});
    // Its answer holds a secret, which must not be stored for a replay.
    router.add({.method = "POST",
                .pattern = "/api/v1/keys",
                .handler = [this](api::Context& c) { return create(c); },
                .is_idempotent = false});
    router.add(
        {.method = "DELETE", .pattern = "/api/v1/keys/:id", .handler = [this](api::Context& c) { return revoke(c); }});
}

void AccountsApi::write_key(json::Writer& writer, const ApiKey& key) const {
    // What is used right now is not written yet: the ring knows better than the table.
    const auto used = std::max(key.last_used_at, accounts_.ring().last_used(key.id));
    writer.key("id").string(ids_.uuid(IdKind::api_key, key.id));
    writer.key("name").string(key.name);
    writer.key("key_id").string(key.key_id);
    writer.key("last_used_at");
    used ? writer.string(to_text_seconds(*used)) : writer.null();
    writer.key("inserted_at").string(to_text_seconds(key.created_at));
}

Async<net::HttpReply> AccountsApi::list(api::Context& context) {
    const Id organization = context.caller.organization;
    auto keys = co_await readers_.read<std::vector<ApiKey>>(
        [organization](db::Connection& connection) { return list_keys(connection, organization); });
    if (!keys) co_return api::problem(keys.error());
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (const auto& key : *keys) {
            if (key.revoked_at) continue;
            writer.begin_object();
            write_key(writer, key);
            writer.end_object();
        }
        writer.end_array();
    });
}

Async<net::HttpReply> AccountsApi::create(api::Context& context) {
    auto fields = context.fields("key");
    const std::string name = fields.string("name").value_or("");
    if (const auto problem = name_problem(name); !problem.empty() && fields.is_clean())
        fields.wrong("name", std::string(problem));
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const Id organization = context.caller.organization;
    auto note = key_note(context, "api_key_created", ids_);
    auto issued = co_await wait_for<Result<Issued>>([this, organization, name, note](Accounts::IssuedDone done) {
        accounts_.issue(organization, KeyKind::pair, name, note, std::move(done));
    });
    if (!issued) co_return api::problem(issued.error());
    co_return api::data(
        201,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_key(writer, issued->key.key);
            writer.key("secret").string(issued->key.secret);
            writer.key("key").string(issued->key.presented());
            writer.end_object();
        },
        "API key created. Its secret is shown only once");
}

Async<net::HttpReply> AccountsApi::revoke(api::Context& context) {
    const std::string& text = context.path_value("id");
    if (!looks_like_uuid(text))
        co_return api::problem({ErrorKind::invalid, "the id in the path is no UUID", std::string(api::code_malformed)});
    const auto id = ids_.parse(IdKind::api_key, text);
    if (!id) co_return api::problem(api::not_found());
    const Id organization = context.caller.organization;
    auto note = key_note(context, "api_key_deleted", ids_);
    auto done = co_await wait_for<Result<void>>([this, key = *id, organization, note](store::Done finished) {
        accounts_.revoke(key, organization, Accounts::Again::is_unknown, note, std::move(finished));
    });
    if (!done) co_return api::problem(done.error().kind == ErrorKind::not_found ? api::not_found() : done.error());
    co_return api::no_content();
}

}  // namespace punkt::accounts

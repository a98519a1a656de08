#include "rooms/accounts/webhook_secret_api.h"

#include "api/audit.h"
#include "api/problem.h"
#include "api/reply.h"
#include "base/time_text.h"

namespace punkt::accounts {
namespace {

using std::chrono::hours;

net::HttpReply secret_reply(const Accounts& accounts, const api::Context& context, std::string_view message = {}) {
    const Id organization = context.caller.organization;
    const auto secrets = accounts.organizations().webhook_secrets(organization, context.now);
    const auto until = accounts.organizations().previous_until(organization, context.now);
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object().key("secret").string(secrets.current);
            writer.key("previous_secret");
            until ? writer.string(secrets.previous) : writer.null();
            writer.key("previous_valid_until");
            until ? writer.string(to_text_seconds(*until)) : writer.null();
            writer.end_object();
        },
        message);
}

AuditEntry entry_of(const api::Context& context, std::string_view action, const PublicIds& ids) {
    return api::audit_entry(context, action, "organization",
                            ids.uuid(IdKind::organization, context.caller.organization));
}

Async<net::HttpReply> rotate(Accounts& accounts, const PublicIds& ids, api::Context& context) {
    auto fields = context.fields();
    const auto overlap = fields.integer("overlap_hours", 0, overlap_hours_max).value_or(overlap_hours_default);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    AuditEntry entry = entry_of(context, "webhook_secret_rotated", ids);
    entry.metadata.emplace_back("overlap_hours", std::to_string(overlap));
    const Id organization = context.caller.organization;
    const auto done = co_await wait_for<Result<void>>([&](store::Done finished) {
        accounts.rotate_webhook_secret(organization, hours{overlap}, std::move(entry), std::move(finished));
    });
    if (!done) co_return api::problem(done.error());
    co_return secret_reply(accounts, context, "Webhook secret rotated");
}

Async<net::HttpReply> drop_previous(Accounts& accounts, const PublicIds& ids, api::Context& context) {
    AuditEntry entry = entry_of(context, "previous_webhook_secret_dropped", ids);
    const Id organization = context.caller.organization;
    const auto done = co_await wait_for<Result<void>>([&](store::Done finished) {
        accounts.drop_previous_secret(organization, std::move(entry), std::move(finished));
    });
    if (!done) co_return api::problem(done.error().kind == ErrorKind::not_found ? api::not_found() : done.error());
    co_return api::no_content();
}

Async<net::HttpReply> show(const Accounts& accounts, api::Context& context) {
    co_return secret_reply(accounts, context);
}

}  // namespace

void add_webhook_secret_routes(api::Router& router, Accounts& accounts, const PublicIds& ids) {
    // Answers that hold a secret must not be stored for a replay.
    router.add({.method = "GET",
                .pattern = "/api/v1/organization/webhook-secret",
                .handler = [&accounts](api::Context& c) { return show(accounts, c); },
                .is_idempotent = false});
    router.add({.method = "POST",
                .pattern = "/api/v1/organization/webhook-secret/rotate",
                .handler = [&accounts, &ids](api::Context& c) { return rotate(accounts, ids, c); },
                .is_idempotent = false});
    router.add({.method = "DELETE",
                .pattern = "/api/v1/organization/webhook-secret/previous",
                .handler = [&accounts, &ids](api::Context& c) { return drop_previous(accounts, ids, c); }});
}

}  // namespace punkt::accounts

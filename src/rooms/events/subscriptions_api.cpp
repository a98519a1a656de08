// Event webhooks: POST/GET/PUT/DELETE /api/v1/subscriptions, and a delivery to try one.
#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "rooms/events/event_store.h"
#include "rooms/events/events_api.h"
#include "rooms/events/subscription_fields.h"
#include "store/audit.h"

namespace punkt::events {
namespace {

void write_subscription(json::Writer& out, const Subscription& subscription, const PublicIds& ids) {
    out.begin_object().key("id").string(ids.uuid(IdKind::subscription, subscription.id));
    out.key("url").string(subscription.url);
    write_types(out.key("types"), subscription);
    out.key("enabled").boolean(subscription.enabled);
    out.key("disabled_reason");
    subscription.disabled_reason.empty() ? out.null() : out.string(subscription.disabled_reason);
    out.key("failing_since");
    subscription.failing_since ? out.string(to_text_seconds(*subscription.failing_since)) : out.null();
    out.key("inserted_at").string(to_text_seconds(subscription.created_at));
    out.key("updated_at").string(to_text_seconds(subscription.updated_at)).end_object();
}

net::HttpReply shown(int status, const Subscription& subscription, const PublicIds& ids) {
    return api::data(status, [&](json::Writer& out) { write_subscription(out, subscription, ids); });
}

/// Errors: `invalid` for what is no UUID, `not_found`.
Result<Subscription> find(const Services& services, const api::Context& context) {
    const std::string& text = context.path_value("id");
    if (!looks_like_uuid(text))
        return Error{ErrorKind::invalid, "the id in the path is no UUID", std::string(api::code_malformed)};
    const auto id = services.public_ids.parse(IdKind::subscription, text);
    for (Subscription& one : services.journal.subscriptions_of(context.caller.organization))
        if (one.id == id) return std::move(one);
    return api::not_found();
}

std::string text_of(const Subscription* subscription, const PublicIds& ids) {
    if (subscription == nullptr) return "";
    json::Writer out;
    write_subscription(out, *subscription, ids);
    return out.take();
}

/// What the audit log says of it; either of the two may be missing, but not both.
std::vector<AuditEntry> entries_of(const api::Context& context, std::string_view action, const Subscription* before,
                                   const Subscription* after, const PublicIds& ids) {
    const Id id = (after != nullptr ? after : before)->id;
    AuditEntry entry = api::audit_entry(context, action, "subscription", ids.uuid(IdKind::subscription, id));
    entry.changes = audit_changes(text_of(before, ids), text_of(after, ids));
    return entry.changes.empty() ? std::vector<AuditEntry>{} : std::vector{std::move(entry)};
}

/// A change of one subscription.
struct Change {
    std::vector<AuditEntry> entries = {};
    std::function<Result<void>(db::Connection&)> apply = {};
    std::function<void()> after = {};  // tells the journal, before the next commit
    std::function<net::HttpReply()> answer = {};
};

Async<net::HttpReply> carry_out(const Services& services, api::Context& context, Change change) {
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&change](store::Done done) {
            auto told = [after = change.after, done = std::move(done)](Result<void> result) mutable {
                if (result) after();
                done(std::move(result));
            };
            return store::audited(store::make_write(change.apply, std::move(told)), change.entries);
        },
        change.answer);
}

Async<net::HttpReply> create(const Services& services, api::Context& context) {
    Subscription subscription{.id = services.ids.next(context.now),
                              .organization = context.caller.organization,
                              .created_at = context.now,
                              .updated_at = context.now};
    api::FieldReader fields = context.fields("subscription");
    if (const auto fine = read_subscription(fields, services.guard, subscription); !fine)
        co_return api::problem(fine.error());
    if (services.journal.subscriptions_of(subscription.organization).size() >= subscriptions_max)
        co_return api::problem(
            {ErrorKind::invalid,
             fmt::format("there are {} subscriptions already, which is the limit", subscriptions_max),
             "limit_exceeded"});
    const auto& ids = services.public_ids;
    co_return co_await carry_out(
        services, context,
        {.entries = entries_of(context, "created", nullptr, &subscription, ids),
         .apply = [subscription](db::Connection& connection) { return insert_subscription(connection, subscription); },
         .after = [subscription, &journal = services.journal] { journal.subscribed(subscription); },
         .answer = [subscription, &ids] { return shown(201, subscription, ids); }});
}

Async<net::HttpReply> update(const Services& services, api::Context& context) {
    const auto before = find(services, context);
    if (!before) co_return api::problem(before.error());
    Subscription changed = *before;
    api::FieldReader fields = context.fields("subscription");
    if (const auto fine = read_subscription(fields, services.guard, changed); !fine)
        co_return api::problem(fine.error());
    changed.updated_at = context.now;
    const auto& ids = services.public_ids;
    co_return co_await carry_out(
        services, context,
        {.entries = entries_of(context, "updated", &*before, &changed, ids),
         .apply = [changed](db::Connection& connection) { return replace_subscription(connection, changed); },
         .after = [changed, &journal = services.journal] { journal.subscribed(changed); },
         .answer = [changed, &ids] { return shown(200, changed, ids); }});
}

Async<net::HttpReply> remove(const Services& services, api::Context& context) {
    const auto subscription = find(services, context);
    if (!subscription) co_return api::problem(subscription.error());
    const Id id = subscription->id, organization = subscription->organization;
    co_return co_await carry_out(
        services, context,
        {.entries = entries_of(context, "deleted", &*subscription, nullptr, services.public_ids),
         .apply = [id, organization](
                      db::Connection& connection) { return delete_subscription(connection, organization, id); },
         .after = [id, organization, &journal = services.journal] { journal.unsubscribed(organization, id); },
         .answer = [] { return api::no_content(); }});
}

Async<net::HttpReply> list(const Services& services, api::Context& context) {
    co_return api::data(200, [&](json::Writer& out) {
        out.begin_array();
        for (const Subscription& one : services.journal.subscriptions_of(context.caller.organization))
            write_subscription(out, one, services.public_ids);
        out.end_array();
    });
}

/// A CloudEvent of a type that nothing else has.
std::string trial_event(const Subscription& subscription, Id id, const PublicIds& ids) {
    json::Writer out;
    out.begin_object().key("specversion").string("1.0").key("id").string(ids.uuid(IdKind::event, id));
    out.key("source").string("/organizations/" + ids.uuid(IdKind::organization, subscription.organization));
    out.key("type").string("punkt.test").key("time").string(to_text_ms(time_of(id)));
    out.key("datacontenttype").string("application/json").key("data").begin_object();
    out.key("subscription_id").string(ids.uuid(IdKind::subscription, subscription.id)).end_object().end_object();
    return out.take();
}

Async<net::HttpReply> try_out(const Services& services, api::Context& context) {
    const auto subscription = find(services, context);
    if (!subscription) co_return api::problem(subscription.error());
    const Id event = services.ids.next(context.now);
    const auto delivery =
        delivery_of(*subscription, "punkt.test", trial_event(*subscription, event, services.public_ids),
                    services.ids.next(context.now), 0, context.now);
    const PublicIds& ids = services.public_ids;
    AuditEntry entry =
        api::audit_entry(context, "tested", "subscription", ids.uuid(IdKind::subscription, subscription->id));
    entry.metadata.emplace_back("task_id", ids.uuid(IdKind::task, delivery.task->id));
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(std::make_unique<store::InsertTasks>(delivery, std::move(done)), {std::move(entry)});
        },
        [&] {
            return api::data(
                202,
                [&](json::Writer& out) {
                    out.begin_object().key("task_id").string(ids.uuid(IdKind::task, delivery.task->id));
                    out.key("execution_id").string(ids.uuid(IdKind::execution, delivery.timer->id));
                    out.key("event_id").string(ids.uuid(IdKind::event, event)).end_object();
                },
                "Test event queued");
        });
}

}  // namespace

void add_subscription_routes(api::Router& router, const Services& services) {
    using Handle = Async<net::HttpReply> (*)(const Services&, api::Context&);
    const auto add = [&](const char* method, const char* pattern, Handle handle) {
        router.add({.method = method, .pattern = pattern, .handler = [services, handle](api::Context& context) {
                        return handle(services, context);
                    }});
    };
    add("POST", "/api/v1/subscriptions", create);
    add("GET", "/api/v1/subscriptions", list);
    add("GET", "/api/v1/subscriptions/:id", [](const Services& s, api::Context& context) -> Async<net::HttpReply> {
        const auto subscription = find(s, context);
        co_return subscription ? shown(200, *subscription, s.public_ids) : api::problem(subscription.error());
    });
    add("PUT", "/api/v1/subscriptions/:id", update);
    add("PATCH", "/api/v1/subscriptions/:id", update);
    add("DELETE", "/api/v1/subscriptions/:id", remove);
    add("POST", "/api/v1/subscriptions/:id/test", try_out);
}

}  // namespace punkt::events

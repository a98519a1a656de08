// Event webhooks: POST/GET/PUT/DELETE /api/v1/subscriptions, and a delivery to try one.
#include <fmt/format.h>

#include "api/reply.h"
#include "base/time_text.h"
#include "rooms/events/event_store.h"
#include "rooms/events/events_api.h"
#include "rooms/events/subscription_fields.h"

namespace punkt::events {
namespace {

void write_subscription(json::Writer& out, const Subscription& subscription, const PublicIds& ids) {
    out.begin_object().key("id").string(ids.uuid(IdKind::subscription, subscription.id));
    out.key("url").string(subscription.url);
    write_types(out.key("types"), subscription);
    out.key("enabled").boolean(subscription.enabled);
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

/// `apply` writes, `after` tells the journal before the next commit.
template <class Apply, class After>
Async<Result<void>> commit(store::Writer& writer, Apply apply, After after) {
    co_return co_await wait_for<Result<void>>([&](store::Done done) {
        writer.submit(store::make_write(apply, [after, done = std::move(done)](Result<void> result) mutable {
            if (result) after();
            done(std::move(result));
        }));
    });
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
    EventJournal& journal = services.journal;
    const auto done = co_await commit(
        services.writer,
        [subscription](db::Connection& connection) { return insert_subscription(connection, subscription); },
        [subscription, &journal] { journal.subscribed(subscription); });
    co_return done ? shown(201, subscription, services.public_ids) : api::problem(done.error());
}

Async<net::HttpReply> update(const Services& services, api::Context& context) {
    auto subscription = find(services, context);
    if (!subscription) co_return api::problem(subscription.error());
    api::FieldReader fields = context.fields("subscription");
    if (const auto fine = read_subscription(fields, services.guard, *subscription); !fine)
        co_return api::problem(fine.error());
    subscription->updated_at = context.now;
    EventJournal& journal = services.journal;
    const auto done = co_await commit(
        services.writer,
        [changed = *subscription](db::Connection& connection) { return replace_subscription(connection, changed); },
        [changed = *subscription, &journal] { journal.subscribed(changed); });
    co_return done ? shown(200, *subscription, services.public_ids) : api::problem(done.error());
}

Async<net::HttpReply> remove(const Services& services, api::Context& context) {
    const auto subscription = find(services, context);
    if (!subscription) co_return api::problem(subscription.error());
    EventJournal& journal = services.journal;
    const Id id = subscription->id, organization = subscription->organization;
    const auto done = co_await commit(
        services.writer,
        [id, organization](db::Connection& connection) { return delete_subscription(connection, organization, id); },
        [id, organization, &journal] { journal.unsubscribed(organization, id); });
    co_return done ? api::no_content() : api::problem(done.error());
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
    const auto done = co_await wait_for<Result<void>>([&services, &delivery](store::Done finished) {
        services.writer.submit(std::make_unique<store::InsertTasks>(delivery, std::move(finished)));
    });
    if (!done) co_return api::problem(done.error());
    co_return api::data(
        202,
        [&](json::Writer& out) {
            out.begin_object().key("task_id").string(services.public_ids.uuid(IdKind::task, delivery.task->id));
            out.key("execution_id").string(services.public_ids.uuid(IdKind::execution, delivery.timer->id));
            out.key("event_id").string(services.public_ids.uuid(IdKind::event, event)).end_object();
        },
        "Test event queued");
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
    add("DELETE", "/api/v1/subscriptions/:id", remove);
    add("POST", "/api/v1/subscriptions/:id/test", try_out);
}

}  // namespace punkt::events

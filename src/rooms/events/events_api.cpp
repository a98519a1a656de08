#include "rooms/events/events_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "rooms/events/stream_api.h"

namespace punkt::events {
namespace {

constexpr int page_default = 100;
constexpr int page_max = 1'000;

struct Wish {
    Filter filter = {};
    std::optional<Id> after = std::nullopt;
    std::int64_t limit = 0;
    bool waits = false;
};

Result<Id> event_id(const PublicIds& ids, std::string_view text, std::string_view where) {
    if (const auto id = ids.parse(IdKind::event, text)) return *id;
    return Error{ErrorKind::invalid, fmt::format("{} is no id of an event", where), "invalid_event_id"};
}

Result<Wish> wish_from(const api::Context& context, const PublicIds& ids) {
    Wish wish;
    api::FieldReader fields = context.fields();
    if (const auto types = fields.string("types")) {
        if (const auto known = event_types_from(*types))
            wish.filter.types = *known;
        else
            fields.wrong("types", "is invalid (" + known.error().message + ")");
    }
    wish.filter.queue = fields.string("queue");
    if (wish.filter.queue == "none") wish.filter.queue = "";
    wish.filter.with_system = fields.boolean("system").value_or(false);
    wish.waits = fields.boolean("wait").value_or(false);
    wish.limit = fields.integer("limit", 1, 1'000'000).value_or(0);
    if (const auto task = fields.string("task")) {
        wish.filter.task = ids.parse(IdKind::task, *task).value_or(0);
        if (wish.filter.task == 0) fields.wrong("task", "is invalid");
    }
    if (!fields.is_clean()) return fields.error();
    // A browser that connects again repeats the URL and adds the header: the header is newer.
    const auto header = context.request.header("last-event-id").value_or("");
    const auto after = header.empty() ? fields.string("after") : std::optional<std::string>(header);
    if (!after) return wish;
    const auto id = event_id(ids, *after, header.empty() ? "after" : "Last-Event-ID");
    if (!id) return id.error();
    wish.after = *id;
    return wish;
}

/// `curl` without further words gets the stream; who asks for JSON and nothing else gets a page.
bool wants_page(const net::HttpRequest& request) {
    const std::string accept = lower_case(request.header("accept").value_or(""));
    return accept.find("application/json") != std::string::npos &&
           accept.find("text/event-stream") == std::string::npos;
}

/// Until an event comes that the listener wants, or a heartbeat passes.
Async<Result<void>> wait_for_event(const Services& services, Id organization, Id after, Filter filter) {
    const auto listener = services.hub.listen(organization, std::move(filter));
    if (!listener) co_return listener.error();
    if ((*listener)->attach(after))
        co_await wait_for<News>([one = *listener](UniqueFunction<void(News)> done) { one->wait(std::move(done)); });
    co_return Result<void>();
}

Async<net::HttpReply> page(const Services& services, api::Context& context, const Wish& wish, const Watch& watch) {
    const Id organization = context.caller.organization;
    const Id after = wish.after.value_or(watch.since);
    const int limit = wish.limit == 0 ? page_default : static_cast<int>(std::min<std::int64_t>(wish.limit, page_max));
    const auto read = [organization, after, limit](db::Connection& connection) {
        return read_events(connection, organization, after, limit);
    };
    auto events = co_await services.readers.read<std::vector<Event>>(read);
    if (events && events->empty() && wish.waits) {
        const auto waited = co_await wait_for_event(services, organization, after, wish.filter);
        if (!waited) co_return api::problem(waited.error());
        events = co_await services.readers.read<std::vector<Event>>(read);
    }
    if (!events) co_return api::problem(events.error());
    const Id last = events->empty() ? after : events->back().id;
    json::Writer out;
    out.begin_object().key("data").begin_array();
    for (const Event& event : *events)
        if (wish.filter.matches(event)) out.raw(cloud_event(event, services.public_ids));
    out.end_array();
    out.key("has_more").boolean(static_cast<int>(events->size()) == limit);
    out.key("next_cursor").string(services.public_ids.uuid(IdKind::event, last));
    out.key("complete").boolean(after >= watch.since).end_object();
    co_return net::HttpReply{.body = out.take()};
}

Async<net::HttpReply> listen(const Services& services, api::Context& context) {
    const auto wish = wish_from(context, services.public_ids);
    if (!wish) co_return api::problem(wish.error());
    const Id organization = context.caller.organization;
    const auto kept = co_await wait_for<Result<void>>(
        [&services, organization](store::Done done) { services.keeper.watch(organization, std::move(done)); });
    if (!kept) co_return api::problem(kept.error());
    const auto watch = services.journal.watch_of(organization);
    if (!watch) co_return api::problem({ErrorKind::unavailable, "Server is busy, please retry"});
    if (wants_page(context.request)) co_return co_await page(services, context, *wish, *watch);
    auto listener = services.hub.listen(organization, wish->filter);
    if (!listener) co_return api::problem(listener.error());
    net::HttpReply reply{.content_type = "text/event-stream; charset=utf-8",
                         .headers = {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}}};
    reply.stream = std::make_shared<EventStream>(std::move(*listener), services.readers, services.public_ids,
                                                 StreamOptions{.organization = organization,
                                                               .filter = wish->filter,
                                                               .after = wish->after,
                                                               .complete_since = watch->since,
                                                               .limit = wish->limit});
    co_return reply;
}

}  // namespace

void add_routes(api::Router& router, const Services& services) {
    router.add({.method = "GET",
                .pattern = "/api/v1/events",
                .handler = [services](api::Context& context) { return listen(services, context); },
                .json_only = false,
                .is_idempotent = false});
    add_subscription_routes(router, services);
}

}  // namespace punkt::events

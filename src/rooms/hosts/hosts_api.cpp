#include "rooms/hosts/hosts_api.h"

#include <fmt/format.h>

#include "api/reply.h"
#include "base/text.h"
#include "base/time_text.h"

namespace punkt::hosts {
namespace {

using States = std::vector<engine::HostState>;

void write_host(json::Writer& writer, const engine::HostState& host) {
    const auto number_or_null = [&writer](const char* name, const std::optional<int>& value) {
        writer.key(name);
        value ? writer.integer(*value) : writer.null();
    };
    const bool was_blocked = host.saved.until != Timestamp{};
    writer.begin_object().key("host").string(host.host).key("state").string(engine::word(host.state));
    writer.key("blocked_until");
    was_blocked ? writer.string(to_text_ms(host.saved.until)) : writer.null();
    writer.key("failures").integer(host.saved.failures).key("blocks").integer(host.saved.blocks);
    writer.key("reason");
    host.saved.reason.empty() ? writer.null() : writer.string(host.saved.reason);
    number_or_null("limit", host.limit);
    number_or_null("adaptive_limit", host.adaptive_limit);
    writer.key("in_flight").integer(host.out);
    writer.key("waiting").integer(static_cast<std::int64_t>(host.waiting)).end_object();
}

/// Those of one organization; with a host only that.
Async<States> ask(engine::Inbox& engine, Id organization, std::string host) {
    co_return co_await wait_for<States>(
        [&engine, organization, host = std::move(host)](UniqueFunction<void(States)> done) mutable {
            engine.ask(
                engine::HostsQuestion{.organization = organization, .host = std::move(host), .done = std::move(done)});
        });
}

Async<net::HttpReply> list(engine::Inbox& engine, api::Context& context) {
    const States hosts = co_await ask(engine, context.caller.organization, "");
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (const engine::HostState& host : hosts) write_host(writer, host);
        writer.end_array();
    });
}

Async<net::HttpReply> get(engine::Inbox& engine, api::Context& context) {
    const States hosts = co_await ask(engine, context.caller.organization, lower_case(context.path_value("host")));
    if (hosts.empty()) co_return api::problem(api::not_found());
    co_return api::data(200, [&](json::Writer& writer) { write_host(writer, hosts.front()); });
}

Async<bool> forget(engine::Inbox& engine, Id organization, std::string host) {
    co_return co_await wait_for<bool>(
        [&engine, organization, host = std::move(host)](UniqueFunction<void(bool)> done) mutable {
            engine.reset_host({.organization = organization, .host = std::move(host), .done = std::move(done)});
        });
}

Async<net::HttpReply> reset(engine::Inbox& engine, api::Context& context) {
    const std::string host = lower_case(context.path_value("host"));
    if (!co_await forget(engine, context.caller.organization, host)) co_return api::problem(api::not_found());
    co_return api::data(
        200, [&](json::Writer& writer) { writer.begin_object().key("host").string(host).end_object(); },
        fmt::format("Host \"{}\" is called again", host));
}

Async<net::HttpReply> remove(engine::Inbox& engine, api::Context& context) {
    const bool was_known = co_await forget(engine, context.caller.organization, lower_case(context.path_value("host")));
    co_return was_known ? api::no_content() : api::problem(api::not_found());
}

}  // namespace

void add_routes(api::Router& router, engine::Inbox& engine) {
    const auto add = api::adding_to(router, std::ref(engine));
    add("GET", "/api/v1/hosts", list);
    add("GET", "/api/v1/hosts/:host", get);
    add("POST", "/api/v1/hosts/:host/reset", reset);
    add("DELETE", "/api/v1/hosts/:host", remove);
}

}  // namespace punkt::hosts

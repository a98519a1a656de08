#include "rooms/hosts/hosts_api.h"

#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/text.h"
#include "base/time_text.h"
#include "rooms/hosts/host_store.h"
#include "store/audit.h"

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

Async<net::HttpReply> list(const Services& services, api::Context& context) {
    const States hosts = co_await ask(services.engine, context.caller.organization, "");
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (const engine::HostState& host : hosts) write_host(writer, host);
        writer.end_array();
    });
}

Async<net::HttpReply> get(const Services& services, api::Context& context) {
    const States hosts =
        co_await ask(services.engine, context.caller.organization, lower_case(context.path_value("host")));
    if (hosts.empty()) co_return api::problem(api::not_found());
    co_return api::data(200, [&](json::Writer& writer) { write_host(writer, hosts.front()); });
}

/// On disk first, with what the audit log says of it, then in the engine, which stores it once more. After a crash in
/// between the host is read as one that nothing is known of: the same.
Async<net::HttpReply> forget(const Services& services, api::Context& context, std::string_view action,
                             std::function<net::HttpReply()> answer) {
    const Id organization = context.caller.organization;
    const std::string host = lower_case(context.path_value("host"));
    const States known = co_await ask(services.engine, organization, host);
    if (known.empty()) co_return api::problem(api::not_found());
    AuditEntry entry = api::audit_entry(context, action, "host", host);
    entry.metadata.emplace_back("state", engine::word(known.front().state));
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [block = engine::HostBlock{.organization = organization, .host = host, .is_gone = true},
                 now = context.now](db::Connection& connection) { return store_block(connection, block, now); },
                std::move(done));
            return store::audited(std::move(write), {std::move(entry)});
        },
        answer);
    if (!committed) co_return api::problem(committed.error());
    co_await wait_for<bool>([&](UniqueFunction<void(bool)> done) {
        services.engine.reset_host({.organization = organization, .host = host, .done = std::move(done)});
    });
    co_return answer();
}

Async<net::HttpReply> reset(const Services& services, api::Context& context) {
    co_return co_await forget(services, context, "reset", [host = lower_case(context.path_value("host"))] {
        return api::data(
            200, [&](json::Writer& writer) { writer.begin_object().key("host").string(host).end_object(); },
            fmt::format("Host \"{}\" is called again", host));
    });
}

Async<net::HttpReply> remove(const Services& services, api::Context& context) {
    co_return co_await forget(services, context, "deleted", [] { return api::no_content(); });
}

}  // namespace

void add_routes(api::Router& router, const Services& services) {
    const auto add = api::adding_to(router, services);
    add("GET", "/api/v1/hosts", list);
    add("GET", "/api/v1/hosts/:host", get);
    add("POST", "/api/v1/hosts/:host/reset", reset);
    add("DELETE", "/api/v1/hosts/:host", remove);
}

}  // namespace punkt::hosts

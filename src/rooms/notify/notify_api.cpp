#include "rooms/notify/notify_api.h"

#include "api/audit.h"
#include "api/commit.h"
#include "api/problem.h"
#include "api/reply.h"
#include "base/async.h"
#include "store/audit.h"

namespace punkt::notify {
namespace {

net::HttpReply shown(const NoticeSettings& settings) {
    return api::data(200, [&](json::Writer& writer) { write_settings(writer, settings); });
}

std::vector<AuditEntry> changed_entries(const api::Context& context, const NoticeSettings& before,
                                        const NoticeSettings& after) {
    json::Writer from, to;
    write_settings(from, before);
    write_settings(to, after);
    AuditEntry entry = api::audit_entry(context, "updated", "organization", "");
    entry.changes = audit_changes(from.text(), to.text());
    return entry.changes.empty() ? std::vector<AuditEntry>{} : std::vector{std::move(entry)};
}

Async<net::HttpReply> change(const Services& services, api::Context& context) {
    const Id organization = context.caller.organization;
    NoticeSettings settings = services.book.of(organization);
    api::FieldReader fields = context.fields("notifications");
    read_settings(fields, services.reach, settings);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    auto entries = changed_entries(context, services.book.of(organization), settings);
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [organization, settings, now = context.now](db::Connection& connection) {
                    return store_settings(connection, organization, settings, now);
                },
                std::move(done));
            return store::audited(std::move(write), std::move(entries));
        },
        [settings] { return shown(settings); });
    if (!committed) co_return api::problem(committed.error());
    services.book.put(organization, settings);
    co_return shown(settings);
}

}  // namespace

void add_routes(api::Router& router, const Services& services) {
    router.add({.method = "GET",
                .pattern = "/api/v1/notifications",
                .handler = [services](api::Context& context) -> Async<net::HttpReply> {
                    co_return shown(services.book.of(context.caller.organization));
                }});
    router.add({.method = "PUT", .pattern = "/api/v1/notifications", .handler = [services](api::Context& context) {
                    return change(services, context);
                }});
}

}  // namespace punkt::notify

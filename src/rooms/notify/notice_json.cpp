#include "rooms/notify/notice_json.h"

#include <fmt/format.h>

#include "core/limits.h"
#include "core/mail.h"
#include "core/url.h"

namespace punkt::notify {
namespace {

void read_url(api::FieldReader& fields, std::string& into, const net::AddressGuard& guard) {
    constexpr const char* name = "notification_webhook_url";
    if (!fields.has(name)) return;
    into = fields.string(name).value_or("");
    if (into.empty()) return;
    if (into.size() > limits::url_bytes)
        return fields.wrong(name, fmt::format("should be at most {} character(s)", limits::url_bytes));
    const auto url = parse_url(into);
    if (!url) return fields.wrong(name, url.error().message);
    if (const auto wrong = net::refused_literal(*url, guard)) fields.wrong(name, *wrong);
}

void read_email(api::FieldReader& fields, std::string& into, bool has_mail) {
    constexpr const char* name = "notification_email";
    if (!fields.has(name)) return;
    into = fields.string(name).value_or("");
    if (into.empty()) return;
    if (const auto fine = examine_mail_address(into); !fine) return fields.wrong(name, fine.error().message);
    if (!has_mail) fields.wrong(name, "cannot be used: this Punkt has no mail server (mail.server)");
}

}  // namespace

void write_settings(json::Writer& writer, const NoticeSettings& settings) {
    writer.begin_object().key("notification_webhook_url");
    settings.webhook_url.empty() ? writer.null() : writer.string(settings.webhook_url);
    writer.key("notification_email");
    settings.email.empty() ? writer.null() : writer.string(settings.email);
    writer.key("notify_on_failure").boolean(settings.on_failure);
    writer.key("notify_on_recovery").boolean(settings.on_recovery).end_object();
}

void read_settings(api::FieldReader& fields, const Reach& reach, NoticeSettings& settings) {
    read_url(fields, settings.webhook_url, reach.guard);
    read_email(fields, settings.email, reach.has_mail);
    if (const auto wanted = fields.boolean("notify_on_failure")) settings.on_failure = *wanted;
    if (const auto wanted = fields.boolean("notify_on_recovery")) settings.on_recovery = *wanted;
}

}  // namespace punkt::notify

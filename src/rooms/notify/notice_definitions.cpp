#include "rooms/notify/notice_definitions.h"

#include "api/audit.h"
#include "core/secrets.h"
#include "store/audit.h"

namespace punkt::notify {
namespace {

std::string text_of(const NoticeSettings& settings) {
    json::Writer writer;
    write_settings(writer, settings);
    return writer.take();
}

}  // namespace

void NoticeDefinitions::write(json::Writer& writer, Id organization) const {
    const NoticeSettings settings = book_.of(organization), unset;
    writer.begin_object();
    if (!settings.webhook_url.empty())
        writer.key("notification_webhook_url").string(without_secrets(settings.webhook_url));
    if (!settings.email.empty()) writer.key("notification_email").string(settings.email);
    if (settings.on_failure != unset.on_failure) writer.key("notify_on_failure").boolean(settings.on_failure);
    if (settings.on_recovery != unset.on_recovery) writer.key("notify_on_recovery").boolean(settings.on_recovery);
    writer.end_object();
}

api::DefinitionPlan NoticeDefinitions::plan(const api::Context& context, json::Value declared, bool) const {
    NoticeSettings wanted;
    api::FieldReader fields(declared);
    std::unordered_set<std::string> asked;
    fields.note_asked(asked);
    read_settings(fields, reach_, wanted);
    const NoticeSettings stored = book_.of(context.caller.organization);
    if (has_masked_secret(wanted.webhook_url)) {
        if (without_secrets(stored.webhook_url) == wanted.webhook_url)
            wanted.webhook_url = stored.webhook_url;
        else
            fields.wrong("notification_webhook_url", api::secret_missing);
    }
    for (const char* limit : {"plan", "limits", "overrides"})
        if (!fields.raw(limit).is_nothing())
            fields.wrong(limit, "is not the organization's to set; the master key does (punkt organization plan)");
    std::string wrong = api::wrong_fields(declared, fields, asked, "the organization");
    if (!wrong.empty()) return {.refused = {{0, "organization", std::move(wrong)}}};

    const Id organization = context.caller.organization;
    const std::string before = text_of(stored), after = text_of(wanted);
    using Action = api::DefinitionChange::Action;
    if (before == after) return {.changes = {{.action = Action::unchanged, .name = "organization"}}};
    api::DefinitionPlan plan{
        .changes = {{.action = Action::update, .name = "organization", .fields = api::changed_fields(before, after)}}};
    AuditEntry entry = api::audit_entry(context, "updated", "organization", "");
    entry.changes = audit_changes(before, after);
    plan.writes = [&book = book_, organization, wanted, now = context.now, entry = std::move(entry)] {
        auto write = store::make_write(
            [organization, wanted, now](db::Connection& connection) {
                return store_settings(connection, organization, wanted, now);
            },
            [&book, organization, wanted](const Result<void>& result) {
                if (result) book.put(organization, wanted);
            });
        std::vector<std::unique_ptr<store::Write>> writes;
        writes.push_back(store::audited(std::move(write), {entry}));
        return writes;
    };
    return plan;
}

}  // namespace punkt::notify

#include "rooms/audit/audit_api.h"

#include <charconv>

#include "api/problem.h"
#include "base/time_text.h"
#include "core/limits.h"

namespace punkt::audit {
namespace {

struct Asked {
    store::AuditQuery query;
    bool is_csv = false;
};

/// RFC 3339, or milliseconds since 1970.
std::optional<Timestamp> read_time(api::FieldReader& fields, std::string_view name) {
    const auto text = fields.string(name);
    if (!text) return std::nullopt;
    std::int64_t ms = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), ms);
    if (problem == std::errc{} && end == text->data() + text->size()) return from_ms(ms);
    const auto at = parse_rfc3339(*text);
    if (!at) fields.wrong(name, "is invalid (a time such as 2026-11-21T08:00:00Z)");
    return at;
}

Result<Asked> read_query(const api::Context& context, const PublicIds& ids) {
    api::FieldReader fields = context.fields();
    Asked asked;
    store::AuditQuery& query = asked.query;
    const std::string format = fields.string("format").value_or("json");
    if (format != "json" && format != "csv") fields.wrong("format", "is invalid (json and csv are known)");
    asked.is_csv = format == "csv";
    // "api" is a kind of actor; anything else is the name of one.
    query.actor = fields.string("actor").value_or("");
    query.actor_type = actor_type_from(query.actor);
    if (query.actor_type) query.actor.clear();
    query.action = fields.string("action").value_or("");
    query.resource_type = fields.string("resource_type").value_or("");
    query.resource_id = fields.string("resource_id").value_or("");
    query.from = read_time(fields, "from");
    query.to = read_time(fields, "to");
    const int limit_max = asked.is_csv ? export_rows_max : limits::page_max;
    query.limit = asked.is_csv ? export_rows_max : limits::page_default;
    if (const auto limit = fields.integer("limit"); limit && *limit > 0)
        query.limit = static_cast<int>(std::min<std::int64_t>(*limit, limit_max));
    if (const auto cursor = fields.string("cursor")) {
        const auto id = ids.parse(audit_id, *cursor);
        if (!id) fields.wrong("cursor", "is invalid (take it from the next_cursor of the page before)");
        query.before = id.value_or(0);
    }
    if (!fields.is_clean()) return fields.error();
    return asked;
}

void write_entry(json::Writer& writer, const store::StoredAudit& entry, const PublicIds& ids) {
    writer.begin_object().key("id").string(ids.uuid(audit_id, entry.id));
    writer.key("actor_type").string(word(entry.actor_type)).key("actor_id").string_or_null(entry.actor_id);
    writer.key("action").string(entry.action).key("resource_type").string(entry.resource_type);
    writer.key("resource_id").string(entry.resource_id);
    writer.key("changes").raw(entry.changes.empty() ? "{}" : entry.changes).key("metadata").raw(entry.metadata);
    writer.key("inserted_at").string(to_text_seconds(time_of(entry.id))).end_object();
}

net::HttpReply page(const std::vector<store::StoredAudit>& entries, const std::string& next, const PublicIds& ids) {
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const auto& entry : entries) write_entry(writer, entry, ids);
    writer.end_array().key("has_more").boolean(!next.empty()).key("next_cursor");
    next.empty() ? writer.null() : writer.string(next);
    writer.end_object();
    return {.body = writer.take()};
}

net::HttpReply sheet(const std::vector<store::StoredAudit>& entries, const std::string& next, const PublicIds& ids) {
    net::HttpReply reply{.content_type = "text/csv; charset=utf-8", .body = csv_of(entries, ids)};
    reply.headers.emplace_back("content-disposition", "attachment; filename=\"audit.csv\"");
    if (!next.empty()) reply.headers.emplace_back("punkt-next-cursor", next);
    return reply;
}

Async<net::HttpReply> list(api::Readers& readers, const PublicIds& ids, api::Context& context) {
    const auto asked = read_query(context, ids);
    if (!asked) co_return api::problem(asked.error());
    auto found = co_await readers.read<std::vector<store::StoredAudit>>(
        [organization = context.caller.organization, query = asked->query](db::Connection& connection) {
            return store::list_audit(connection, organization, query);
        });
    if (!found) co_return api::problem(found.error());
    const bool has_more = found->size() > static_cast<std::size_t>(asked->query.limit);
    if (has_more) found->pop_back();
    const std::string next = has_more ? ids.uuid(audit_id, found->back().id) : "";
    co_return asked->is_csv ? sheet(*found, next, ids) : page(*found, next, ids);
}

/// Quoted always; what begins a formula in a spreadsheet is made text.
void add_cell(std::string& line, std::string_view text) {
    if (!line.empty() && line.back() != '\n') line += ',';
    line += '"';
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) line += '\'';
    for (const char c : text) line.append(c == '"' ? 2 : 1, c);
    line += '"';
}

}  // namespace

std::string csv_of(const std::vector<store::StoredAudit>& entries, const PublicIds& ids) {
    std::string text = "id,inserted_at,actor_type,actor_id,action,resource_type,resource_id,changes,metadata\r\n";
    for (const auto& entry : entries) {
        for (const std::string& cell : {ids.uuid(audit_id, entry.id), to_text_seconds(time_of(entry.id)),
                                        std::string(word(entry.actor_type)), entry.actor_id.value_or(""), entry.action,
                                        entry.resource_type, entry.resource_id, entry.changes, entry.metadata})
            add_cell(text, cell);
        text += "\r\n";
    }
    return text;
}

void add_routes(api::Router& router, api::Readers& readers, const PublicIds& ids) {
    router.add({.method = "GET",
                .pattern = "/api/v1/audit",
                .handler = [&readers, &ids](api::Context& context) { return list(readers, ids, context); },
                .json_only = false});
}

}  // namespace punkt::audit

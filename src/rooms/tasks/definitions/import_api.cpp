// GET /api/v1/export and POST /api/v1/import: all definitions as one document, JSON or YAML.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/audit.h"
#include "api/reply.h"
#include "rooms/tasks/definitions/carry_out.h"
#include "rooms/tasks/definitions/document.h"
#include "rooms/tasks/definitions/plan_json.h"
#include "rooms/tasks/definitions/yaml.h"
#include "store/task_keys.h"

namespace punkt::tasks {
namespace {

constexpr std::array<std::string_view, 2> known_members{"version", "tasks"};

Async<net::HttpReply> export_all(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const std::string format = fields.string("format").value_or("json");
    if (format != "json" && format != "yaml")
        fields.wrong("format", fmt::format("is invalid ('{}' is not one of json, yaml)", format));
    if (!fields.is_clean()) co_return api::problem(fields.error());
    auto tasks = co_await services.readers.read<std::vector<Task>>(
        [organization = context.caller.organization](db::Connection& connection) {
            return store::list_definitions(connection, organization, definitions_max + 1);
        });
    if (!tasks) co_return api::problem(tasks.error());
    if (tasks->size() > definitions_max)
        co_return api::problem(Error{
            ErrorKind::invalid, fmt::format("there are more than {} definitions", definitions_max), "limit_exceeded"});
    const auto document =
        json::Document::parse(definitions_document(std::move(*tasks), services.public_ids, context.now));
    if (!document) co_return api::problem(document.error());
    if (format == "json") co_return net::HttpReply{.body = indented_json(document->root())};
    co_return net::HttpReply{.content_type = "application/yaml; charset=utf-8",
                             .body = yaml_from_json(document->root())};
}

/// The body as JSON, whichever of the two it is.
Result<json::Document> read_document(const net::HttpRequest& request) {
    const auto first = request.body.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return Error{ErrorKind::invalid, "the body is empty", "malformed"};
    // JSON is YAML too, but its own reader says more about what is wrong, and is faster.
    const bool is_json = request.body[first] == '{';
    if (is_json) {
        auto document = json::Document::parse(request.body);
        if (!document) return Error{ErrorKind::invalid, document.error().message, "malformed"};
        return document;
    }
    auto text = json_from_yaml(request.body);
    if (!text) return text.error();
    return json::Document::parse(*text);
}

Result<Declaration> read_declaration(const api::Context& context, json::Value root) {
    api::FieldReader query = context.fields();
    api::FieldReader fields(root);
    Declaration declaration{.organization = context.caller.organization,
                            .reading = Reading::whole,
                            .by = api::audit_entry(context, "", "task", "")};
    declaration.is_dry_run = query.boolean("dry_run").value_or(false);
    declaration.delete_removed = query.boolean("prune").value_or(false);
    if (!query.is_clean()) return query.error();
    if (root.type() != json::Type::object)
        return Error{ErrorKind::invalid, "the document must be an object with version and tasks", "malformed"};
    if (fields.integer("version") != document_version)
        fields.wrong("version", fmt::format("must be {} (this Punkt reads no other)", document_version));
    const json::Value tasks = fields.raw("tasks");
    if (!tasks.is_nothing() && tasks.type() != json::Type::array) fields.wrong("tasks", "is invalid (not a list)");
    // A file without tasks that prunes would be a typing mistake with consequences.
    if (!tasks.exists()) fields.wrong("tasks", "can't be blank");
    for (const auto& [name, value] : root.members())
        if (std::find(known_members.begin(), known_members.end(), name) == known_members.end())
            fields.wrong(name, "is no part of a document (version, tasks)");
    if (!fields.is_clean()) return fields.error();
    declaration.tasks = tasks.elements();
    return declaration;
}

Async<net::HttpReply> import_all(const Services& services, api::Context& context) {
    const auto document = read_document(context.request);
    if (!document) co_return api::problem(document.error());
    auto declaration = read_declaration(context, document->root());
    if (!declaration) co_return api::problem(declaration.error());
    const bool is_dry_run = declaration->is_dry_run;
    const auto plan = co_await carry_out(services, std::move(*declaration), context.now);
    if (!plan) co_return api::problem(plan.error());
    if (!plan->refused.empty()) co_return refused_reply(plan->refused);
    const Counted counted = count(*plan);
    co_return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_counted(writer, counted);
            write_ambiguous(writer.key("dialects_differ"), plan->ambiguous);
            writer.key("dry_run").boolean(is_dry_run);
            write_changes(writer.key("changes"), *plan, services.public_ids);
            writer.end_object();
        },
        message(is_dry_run ? "Import would be" : "Import complete", counted));
}

}  // namespace

void add_import_routes(api::Router& router, const Services& services) {
    router.add({.method = "GET",
                .pattern = "/api/v1/export",
                .handler = [services](api::Context& context) { return export_all(services, context); },
                .json_only = false});
    router.add({.method = "POST",
                .pattern = "/api/v1/import",
                .handler = [services](api::Context& context) { return import_all(services, context); },
                .parses_body = false});
}

}  // namespace punkt::tasks

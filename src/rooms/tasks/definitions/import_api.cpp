// GET /api/v1/export and POST /api/v1/import: all definitions as one document, JSON or YAML.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/audit.h"
#include "api/reply.h"
#include "rooms/tasks/definitions/carry_out.h"
#include "rooms/tasks/definitions/document.h"
#include "rooms/tasks/definitions/plan_json.h"
#include "rooms/tasks/definitions/yaml.h"
#include "rooms/tasks/key_rules.h"
#include "store/task_keys.h"

namespace punkt::tasks {
namespace {

constexpr std::size_t items_max = 10'000;  // of each part beside the tasks

/// What the document says about something else than tasks.
struct OtherPlan {
    const api::DefinitionPart& part;
    api::DefinitionPlan plan;
};

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
    const auto document = json::Document::parse(definitions_document(
        std::move(*tasks), services.public_ids, context.now, services.other_definitions, context.caller.organization));
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

/// "version, tasks, queues": what a document may have.
std::vector<std::string_view> known_members(const Services& services) {
    std::vector<std::string_view> names{"version", "tasks"};
    for (const api::DefinitionPart* part : services.other_definitions) names.push_back(part->member());
    return names;
}

/// A part that is there must be a list, or an object when there is one of it.
void check_part(api::FieldReader& fields, const api::DefinitionPart& part) {
    const json::Value value = fields.raw(part.member());
    if (!value.exists()) return;
    if (value.type() != (part.is_list() ? json::Type::array : json::Type::object))
        fields.wrong(part.member(), part.is_list() ? "is invalid (not a list)" : "is invalid (not an object)");
    else if (value.elements().size() > items_max)
        fields.wrong(part.member(),
                     fmt::format("has {} items, at most {} are allowed", value.elements().size(), items_max));
}

Result<Declaration> read_declaration(const Services& services, const api::Context& context, json::Value root) {
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
    const auto known = known_members(services);
    for (const auto& [name, value] : root.members())
        if (std::find(known.begin(), known.end(), name) == known.end())
            fields.wrong(name, fmt::format("is no part of a document ({})", fmt::join(known, ", ")));
    for (const api::DefinitionPart* part : services.other_definitions) check_part(fields, *part);
    if (!fields.is_clean()) return fields.error();
    declaration.tasks = tasks.elements();
    return declaration;
}

/// Of the parts that the document has: what it leaves out stays as it is, with `prune` too.
std::vector<OtherPlan> plan_others(const Services& services, const api::Context& context, json::Value root,
                                   bool prune) {
    std::vector<OtherPlan> plans;
    for (const api::DefinitionPart* part : services.other_definitions)
        if (const json::Value declared = root[part->member()]; declared.exists())
            plans.push_back({*part, part->plan(context, declared, prune)});
    return plans;
}

std::vector<RefusedItem> refused_of(const std::vector<OtherPlan>& others) {
    std::vector<RefusedItem> refused;
    for (const auto& [part, plan] : others)
        for (const auto& item : plan.refused)
            refused.push_back({item.index, item.name, item.error, std::string(part.member())});
    return refused;
}

/// What all of it comes to.
net::HttpReply answer(const Services& services, const Plan& plan, const std::vector<OtherPlan>& others,
                      bool is_dry_run) {
    Counted counted = count(plan);
    for (const OtherPlan& other : others) add_count(counted, other.plan);
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_counted(writer, counted);
            write_ambiguous(writer.key("dialects_differ"), plan.ambiguous);
            writer.key("dry_run").boolean(is_dry_run);
            write_changes(writer.key("changes").begin_array(), plan, services.public_ids);
            for (const OtherPlan& other : others) write_changes(writer, other.plan, other.part.type());
            writer.end_array().end_object();
        },
        message(is_dry_run ? "Import would be" : "Import complete", counted));
}

Async<net::HttpReply> import_all(const Services& services, api::Context& context) {
    const auto document = read_document(context.request);
    if (!document) co_return api::problem(document.error());
    auto declaration = read_declaration(services, context, document->root());
    if (!declaration) co_return api::problem(declaration.error());
    const bool is_dry_run = declaration->is_dry_run;
    const auto others = plan_others(services, context, document->root(), declaration->delete_removed);
    const std::vector<RefusedItem> refused = refused_of(others);
    if (!refused.empty()) declaration->is_dry_run = true;  // only to hear of every mistake at once
    declaration->also = [&others] {
        std::vector<std::unique_ptr<store::Write>> writes;
        for (const OtherPlan& other : others)
            for (auto& write : other.plan.writes ? other.plan.writes() : std::vector<std::unique_ptr<store::Write>>{})
                writes.push_back(std::move(write));
        return writes;
    };
    const PlanAnswer as_reply = [&](const Plan& plan) { return answer(services, plan, others, is_dry_run); };
    auto plan = co_await carry_out(services, context, std::move(*declaration), as_reply);
    if (!plan) co_return api::problem(with_public_winner(plan.error(), services.public_ids));
    plan->refused.insert(plan->refused.end(), refused.begin(), refused.end());
    if (!plan->refused.empty()) co_return refused_reply(plan->refused);
    co_return as_reply(*plan);
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

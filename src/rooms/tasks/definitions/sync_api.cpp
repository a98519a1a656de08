// PUT /api/v1/sync: the cron tasks of an organization as one list. Source: runlater-api.md §5.

#include <fmt/format.h>

#include "api/audit.h"
#include "api/reply.h"
#include "rooms/tasks/definitions/carry_out.h"
#include "rooms/tasks/definitions/plan_json.h"
#include "rooms/tasks/key_rules.h"

namespace punkt::tasks {
namespace {

/// What other resources answer until they can be synchronized: nothing declared, nothing changed.
constexpr std::array<std::string_view, 2> other_types{"monitors", "endpoints"};

Result<Declaration> read_declaration(const api::Context& context) {
    api::FieldReader fields = context.fields();
    Declaration declaration{.organization = context.caller.organization,
                            .by = api::audit_entry(context, "", "task", "")};
    const json::Value tasks = fields.raw("tasks");
    bool has_list = tasks.type() == json::Type::array;
    declaration.tasks = tasks.elements();
    for (const std::string_view type : other_types) {
        const json::Value list = fields.raw(type);
        has_list = has_list || list.type() == json::Type::array;
        if (!list.elements().empty())
            fields.wrong(type, "cannot be synchronized yet (only tasks can; leave the list out or empty)");
    }
    if (!has_list)
        return Error{ErrorKind::invalid, "At least one of tasks, monitors, endpoints must be a list", "bad_request"};
    declaration.delete_removed = tasks.type() == json::Type::array && fields.raw("delete_removed").boolean() == true;
    declaration.is_dry_run = fields.boolean("dry_run").value_or(false);
    if (!fields.is_clean()) return fields.error();
    return declaration;
}

net::HttpReply answer(const Plan& plan, bool is_dry_run, const PublicIds& ids) {
    if (!plan.refused.empty()) return refused_reply(plan.refused);
    const Counted counted = count(plan);
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_counted(writer, counted);
            write_counted(writer.key("tasks").begin_object(), counted);
            writer.end_object();
            for (const std::string_view type : other_types) {
                write_counted(writer.key(type).begin_object(), {});
                writer.end_object();
            }
            write_ambiguous(writer.key("dialects_differ"), plan.ambiguous);
            if (is_dry_run) {
                writer.key("dry_run").boolean(true);
                write_changes(writer.key("changes").begin_array(), plan, ids);
                writer.end_array();
            }
            writer.end_object();
        },
        message(is_dry_run ? "Sync would be" : "Sync complete", counted));
}

Async<net::HttpReply> sync(const Services& services, api::Context& context) {
    auto declaration = read_declaration(context);
    if (!declaration) co_return api::problem(declaration.error());
    const bool is_dry_run = declaration->is_dry_run;
    const PlanAnswer as_reply = [&](const Plan& plan) { return answer(plan, is_dry_run, services.public_ids); };
    const auto plan = co_await carry_out(services, context, std::move(*declaration), as_reply);
    co_return plan ? as_reply(*plan) : api::problem(with_public_winner(plan.error(), services.public_ids));
}

}  // namespace

void add_sync_routes(api::Router& router, const Services& services) {
    router.add({.method = "PUT", .pattern = "/api/v1/sync", .handler = [services](api::Context& context) {
                    return sync(services, context);
                }});
}

}  // namespace punkt::tasks

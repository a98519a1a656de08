// punkt audit list, through the API of a running server.
#include "app/cli_audit.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

struct AuditFilters {
    std::string actor, action, resource_type, resource, from, to, limit, cursor;
};

std::string entries_text(json::Value answer) {
    return list_text(answer["data"],
                     {"inserted_at", "actor_type", "action", "resource_type", "resource_id", "metadata"});
}

std::string path_of(const AuditFilters& filters) {
    return "/api/v1/audit" + query_text({{"actor", filters.actor},
                                         {"action", filters.action},
                                         {"resource_type", filters.resource_type},
                                         {"resource_id", filters.resource},
                                         {"from", filters.from},
                                         {"to", filters.to},
                                         {"limit", filters.limit},
                                         {"cursor", filters.cursor}});
}

}  // namespace

void add_audit_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("audit", "See who changed what.");
    noun->require_subcommand(1)->fallthrough();
    auto* command = noun->add_subcommand("list", "List the changes of the organization, the newest first.");
    const auto filters = std::make_shared<AuditFilters>();
    command->fallthrough();
    command->add_option("--actor", filters->actor, "api, system or user, or the name of a key.")->type_name("ACTOR");
    command->add_option("--action", filters->action, "Only this: created, updated, deleted, triggered …")
        ->type_name("ACTION");
    command->add_option("--type", filters->resource_type, "Only changes of these: task, execution, api_key …")
        ->type_name("TYPE");
    command->add_option("--resource", filters->resource, "Only changes of this one.")->type_name("ID");
    command->add_option("--from", filters->from, "Not before this time.")->type_name("TIME");
    command->add_option("--to", filters->to, "Before this time.")->type_name("TIME");
    command->add_option("--limit", filters->limit, "How many; at most 100.")->type_name("N");
    command->add_option("--cursor", filters->cursor, "Go on after an earlier list.")->type_name("CURSOR");
    add_server_flags(*command, context);
    command->callback([&context, filters] {
        context.command = [&context, filters] {
            return run_api_command(context, {.path = path_of(*filters), .as_text = entries_text});
        };
    });
}

}  // namespace punkt::app

// punkt execution list|get|cancel|promote, through the API of a running server.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

struct ExecutionFilters {
    std::string task, status, limit, cursor;
};

std::string executions_text(json::Value answer) {
    return list_text(answer["data"],
                     {"id", "status", "attempt", "scheduled_for", "duration_ms", "status_code", "error_message"});
}

std::string execution_text(json::Value answer) { return object_text(answer["data"]); }

std::string execution_path(const std::string& id) { return "/api/v1/executions/" + percent_encoded(id); }

void add_list(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand(
        "list", "List the executions of a task, or the finished ones of all tasks, the latest first.");
    const auto filters = std::make_shared<ExecutionFilters>();
    command->fallthrough();
    command->add_option("task", filters->task, "Id of the task.")->type_name("TASK");
    command->add_option("--status", filters->status, "Only these.")
        ->check(CLI::IsMember({"pending", "running", "success", "failed", "timeout", "missed", "cancelled", "expired"})
                    .description(""))
        ->type_name("STATUS");
    command->add_option("--limit", filters->limit, "How many; at most 100.")->type_name("N");
    command->add_option("--cursor", filters->cursor, "Go on after an earlier list.")->type_name("CURSOR");
    add_server_flags(*command, context);
    command->callback([&context, filters] {
        context.command = [&context, filters] {
            const std::string query =
                query_text({{"status", filters->status}, {"limit", filters->limit}, {"cursor", filters->cursor}});
            const std::string path = filters->task.empty()
                                         ? "/api/v1/executions"
                                         : "/api/v1/tasks/" + percent_encoded(filters->task) + "/executions";
            return run_api_command(context, {.path = path + query, .as_text = executions_text});
        };
    });
}

void add_by_id(CLI::App& noun, CliContext& context, const char* verb, const char* help, Method method,
               std::string action) {
    auto* command = noun.add_subcommand(verb, help);
    const auto id = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("id", *id, "Id of the execution.")->required()->type_name("ID");
    add_server_flags(*command, context);
    command->callback([&context, id, method, action] {
        context.command = [&context, id, method, action] {
            return run_api_command(context,
                                   {.method = method, .path = execution_path(*id) + action, .as_text = execution_text});
        };
    });
}

}  // namespace

void add_execution_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("execution", "Look up runs of tasks, cancel them or bring them forward.");
    noun->require_subcommand(1)->fallthrough();
    add_list(*noun, context);
    add_by_id(*noun, context, "get", "Print an execution with its request and answer.", Method::get, "");
    add_by_id(*noun, context, "cancel", "Cancel a pending execution.", Method::post, "/cancel");
    add_by_id(*noun, context, "promote", "Run a pending execution now.", Method::post, "/promote");
}

}  // namespace punkt::app

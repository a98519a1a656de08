// punkt usage, and punkt organization list|plan for the holder of the master key.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/text_table.h"
#include "core/plan.h"

namespace punkt::app {
namespace {

std::string usage_text(json::Value answer) {
    const json::Value data = answer["data"], month = data["executions"];
    std::string out = fmt::format("{} executions in {} (plan {}), {} waiting", cell_text(month["used"]),
                                  cell_text(data["month"]), cell_text(data["plan"]), cell_text(month["waiting"]));
    if (!month["limit"].is_nothing())
        out += fmt::format("; {} % of {} ({}), until {}", cell_text(month["percent"]), cell_text(month["limit"]),
                           cell_text(data["limit"]), cell_text(data["resets_at"]));
    out += "\n\n" + list_text(data["days"], {"day", "executions", "failed", "attempts"});
    if (!data["breakdown"].exists()) return out;
    const auto shares = data["breakdown"].elements();
    const bool by_task = !shares.empty() && shares.front()["task_id"].exists();
    return out + "\n" +
           (by_task ? list_text(data["breakdown"], {"task_id", "name", "queue", "executions", "failed"})
                    : list_text(data["breakdown"], {"queue", "executions", "failed"}));
}

std::string organizations_text(json::Value answer) {
    TextTable table({"ID", "NAME", "PLAN", "EXECUTIONS", "LIMIT"});
    for (const auto one : answer["data"].elements())
        table.add({cell_text(one["id"]), cell_text(one["name"]), cell_text(one["plan"]["name"]),
                   cell_text(one["usage"]["executions"]), cell_text(one["plan"]["executions_per_month"])});
    return table.text();
}

std::string plan_text(json::Value answer) { return object_text(answer["data"]["plan"]); }

int run_as_master(const CliContext& context, ApiCommand command) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    if (config->master_key.empty())
        return context.fail({ErrorKind::invalid, "this needs the master key: PUNKT_MASTER_KEY"}, exit_code::usage);
    return run_api_command(context, *config, config->master_key, std::move(command));
}

struct PlanArguments {
    std::string id, plan;
    std::vector<std::string> numbers;
};

/// Errors: `invalid` for what is not name=value, before anything is sent.
Result<std::string> plan_body(const PlanArguments& arguments) {
    json::Writer writer;
    writer.begin_object().key("plan");
    arguments.plan.empty() ? writer.null() : writer.string(arguments.plan);
    writer.key("overrides").begin_object();
    for (const std::string& number : arguments.numbers) {
        const auto equals = number.find('=');
        const std::string name = number.substr(0, equals);
        if (equals == std::string::npos)
            return Error{ErrorKind::invalid, fmt::format("--set needs name=value, not '{}'", number)};
        Plan plan;
        if (auto set = set_plan_field(plan, name, number.substr(equals + 1)); !set)
            return Error{ErrorKind::invalid, fmt::format("--set {}: {}", number, set.error().message)};
        writer.key(name).string(number.substr(equals + 1));
    }
    writer.end_object().end_object();
    return writer.take();
}

void add_usage(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("usage", "Print what this month's plan allows and what is used of it.");
    const auto filters = std::make_shared<std::pair<std::string, std::string>>();
    command->fallthrough();
    command->add_option("--days", filters->first, "Length of the series; 31 by default.")->type_name("N");
    command->add_option("--by", filters->second, "A breakdown of this month.")
        ->check(CLI::IsMember({"task", "queue"}).description(""))
        ->type_name("WHAT");
    add_server_flags(*command, context);
    command->callback([&context, filters] {
        context.command = [&context, filters] {
            const std::string query = query_text({{"days", filters->first}, {"by", filters->second}});
            return run_api_command(context, {.path = "/api/v1/usage" + query, .as_text = usage_text});
        };
    });
}

}  // namespace

void add_plan_commands(CLI::App& root, CliContext& context) {
    add_usage(root, context);
    auto* noun = root.add_subcommand("organization", "Look at organizations and their plans, with the master key.");
    noun->require_subcommand(1)->fallthrough();
    auto* list = noun->add_subcommand("list", "List all organizations with plan and usage.");
    list->fallthrough();
    add_server_flags(*list, context);
    list->callback([&context] {
        context.command = [&context] {
            return run_as_master(context, {.path = "/api/v1/organizations", .as_text = organizations_text});
        };
    });
    auto* plan = noun->add_subcommand("plan", "Give an organization a plan, in force at once.");
    const auto arguments = std::make_shared<PlanArguments>();
    plan->fallthrough();
    plan->add_option("id", arguments->id, "Id of the organization.")->required()->type_name("ID");
    plan->add_option("plan", arguments->plan, "Name of the plan; without one the default.")->type_name("PLAN");
    plan->add_option("--set", arguments->numbers, "A number that differs from the plan's; may be repeated.")
        ->type_name("NAME=VALUE");
    add_server_flags(*plan, context);
    plan->callback([&context, arguments] {
        context.command = [&context, arguments] {
            auto body = plan_body(*arguments);
            if (!body) return context.fail(body.error(), exit_code::usage);
            return run_as_master(context, {.method = Method::put,
                                           .path = "/api/v1/organizations/" + percent_encoded(arguments->id) + "/plan",
                                           .json = std::move(*body),
                                           .as_text = plan_text});
        };
    });
}

}  // namespace punkt::app

// punkt export, plan and apply: all definitions as a file beside the code.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <iterator>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/cli_definitions.h"
#include "app/config_file.h"
#include "rooms/tasks/definitions/yaml.h"

namespace punkt::app {
namespace {

constexpr std::size_t document_bytes_max = 64 * 1024 * 1024;

struct DefinitionArguments {
    std::string file;
    std::string format = "yaml";
    bool prune = false;
};

/// "+ create report", "~ update queue night", "- delete cleanup", each with its fields.
std::string change_text(json::Value change) {
    const auto action = change["action"].string().value_or("");
    const char sign = action == "create" ? '+' : action == "delete" ? '-' : '~';
    const std::string type = cell_text(change["type"]), subject = cell_text(change["name"]);
    std::string text = fmt::format("{} {} ", sign, action);
    // A task is what one expects; of the organization there is one.
    if (type != "task" && type != subject) text += type + " ";
    text += subject;
    if (!change["key"].is_nothing()) text += fmt::format(" (key {})", cell_text(change["key"]));
    text += "\n";
    for (const auto& [name, values] : change["fields"].members()) {
        if (action == "create")
            text += fmt::format("    {}: {}\n", name, values["to"].text());
        else
            text += fmt::format("    {}: {} → {}\n", name, values["from"].text(), values["to"].text());
    }
    return text;
}

std::string plan_text(json::Value answer) {
    std::string text;
    const json::Value data = answer["data"];
    for (const json::Value change : data["changes"].elements()) text += change_text(change);
    for (const json::Value each : data["dialects_differ"].elements())
        text += fmt::format("! {}: \"{}\" is read as \"{}\"; the other dialect has other runs\n",
                            cell_text(each["name"]), cell_text(each["cron_expression"]), cell_text(each["read_as"]));
    if (const auto same = data["unchanged_count"].integer(); same && *same > 0)
        text += fmt::format("= {} unchanged\n", *same);
    return text + message_text(answer);
}

int exit_code_of_plan(json::Value answer) {
    return answer["data"]["changes"].elements().empty() ? exit_code::ok : exit_code::changes;
}

int send_definitions(const CliContext& context, const DefinitionArguments& arguments, bool is_plan) {
    auto json = read_definitions(arguments.file);
    if (!json) return context.fail(json.error());
    const std::string query =
        query_text({{"dry_run", is_plan ? "true" : ""}, {"prune", arguments.prune ? "true" : ""}});
    return run_api_command(context, {.method = Method::post,
                                     .path = "/api/v1/import" + query,
                                     .json = std::move(*json),
                                     .as_text = plan_text,
                                     .exit_code_of = is_plan ? exit_code_of_plan : nullptr});
}

int print_definitions(const CliContext& context, const DefinitionArguments& arguments) {
    const bool is_yaml = arguments.format == "yaml" && !context.is_json();
    return run_api_command(context, {.path = "/api/v1/export", .as_text = [is_yaml](json::Value document) {
                                         return is_yaml ? tasks::yaml_from_json(document)
                                                        : tasks::indented_json(document);
                                     }});
}

void add_file_command(CLI::App& root, CliContext& context, const char* name, const char* help, bool is_plan) {
    auto* command = root.add_subcommand(name, help);
    const auto arguments = std::make_shared<DefinitionArguments>();
    command->fallthrough();
    command->add_option("file", arguments->file, "YAML or JSON, as punkt export prints it; - for stdin.")
        ->required()
        ->type_name("FILE");
    command->add_flag("--prune", arguments->prune, "Also delete what the file does not have.");
    add_server_flags(*command, context);
    command->callback([&context, arguments, is_plan] {
        context.command = [&context, arguments, is_plan] { return send_definitions(context, *arguments, is_plan); };
    });
}

}  // namespace

Result<std::string> read_definitions(const std::string& file) {
    std::string text;
    if (file == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        auto read = read_small_file(file, document_bytes_max);
        if (!read) return read.error();
        text = std::move(*read);
    }
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && text[first] == '{') return text;
    auto json = tasks::json_from_yaml(text);
    if (!json) return Error{ErrorKind::invalid, fmt::format("{}: {}", file, json.error().message)};
    return json;
}

void add_definition_commands(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("export", "Print all definitions as one file.");
    const auto arguments = std::make_shared<DefinitionArguments>();
    command->fallthrough();
    command->add_option("--format", arguments->format, "How.")
        ->check(CLI::IsMember({"yaml", "json"}).description(""))
        ->type_name("yaml|json");
    add_server_flags(*command, context);
    command->callback([&context, arguments] {
        context.command = [&context, arguments] { return print_definitions(context, *arguments); };
    });
    add_file_command(root, context, "plan",
                     "Print what apply would change. Exit code 0: nothing; 2: something (or a usage error, with a "
                     "message on stderr).",
                     true);
    add_file_command(root, context, "apply", "Make the definitions those of a file; all of them or none.", false);
}

}  // namespace punkt::app

#include "app/cli.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "app/cli_audit.h"
#include "app/cli_context.h"
#include "app/config_keys.h"
#include "base/text.h"

namespace punkt::app {
namespace {

/// The deepest command that was named.
const CLI::App* chosen(const CLI::App* app) {
    for (const auto* below : app->get_subcommands()) return chosen(below);
    return app;
}

/// The sentence about the first word that is no command where one is needed; empty: every word is one.
std::string unknown_command(const CLI::App& root, const std::vector<std::string>& words) {
    const CLI::App* here = &root;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "-o" || word == "--output" || word == "--config") ++i;  // their value is no command
        if (word.empty() || word[0] == '-') continue;
        std::vector<std::string> names;
        const CLI::App* below = nullptr;
        for (const auto* command : here->get_subcommands(nullptr)) {
            names.push_back(command->get_name());
            if (command->get_name() == word) below = command;
        }
        if (names.empty()) return {};  // arguments of a command
        if (below == nullptr) {
            const auto meant = nearest(word, names);
            return fmt::format("`{}` is no command{}", word, meant ? fmt::format(", did you mean `{}`?", *meant) : "");
        }
        here = below;
    }
    return {};
}

std::string command_path(const CLI::App* app) {
    const std::string above = app->get_parent() == nullptr ? "" : command_path(app->get_parent()) + " ";
    return above + app->get_name();
}

int report_parse_error(const CLI::App& root, const CLI::ParseError& error, const std::vector<std::string>& words,
                       const Terminal& terminal) {
    const CLI::App* here = chosen(&root);
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {  // --help
        fmt::print(terminal.out, "{}",
                   here->help(here->get_parent() == nullptr ? "" : command_path(here->get_parent())));
        return exit_code::ok;
    }
    const std::string unknown = unknown_command(root, words);
    fmt::print(terminal.err, "punkt: {}\nTry `{} --help`.\n", unknown.empty() ? trimmed(error.what()) : unknown,
               command_path(here));
    return exit_code::usage;
}

}  // namespace

std::string CliContext::environment(std::string_view name) const {
    for (const auto& [key, value] : terminal.environment)
        if (key == name) return value;
    return {};
}

Result<Config> CliContext::configuration(std::vector<std::pair<std::string, std::string>> defaults) const {
    return load_config(
        {.file = config_file, .environment = terminal.environment, .flags = flags, .defaults = std::move(defaults)});
}

int CliContext::fail(const Error& error, int code) const {
    fmt::print(terminal.err, "punkt: {}\n", error.message);
    for (const auto& field : error.fields) fmt::print(terminal.err, "  {}: {}\n", field.field, field.message);
    return code;
}

namespace {

void add_setting_flag(CLI::App& command, CliContext& context, const Key& key) {
    std::string names = key.flag_name();
    if (!key.short_flag.empty()) names += "," + std::string(key.short_flag);
    const std::string name(key.name);
    auto* option = command.add_option_function<std::string>(
        names, [&context, name](const std::string& value) { context.flags.emplace_back(name, value); },
        std::string(key.help));
    option->type_name(key.unit.empty() ? "VALUE" : upper_case(key.unit))->group("Settings");
}

}  // namespace

void add_setting_flags(CLI::App& command, CliContext& context) {
    for (const auto& key : config_table())
        if (!key.secret) add_setting_flag(command, context, key);
}

void add_data_flag(CLI::App& command, CliContext& context) {
    add_setting_flag(command, context, *find_key("data.directory"));
}

void add_server_flags(CLI::App& command, CliContext& context) {
    add_data_flag(command, context);
    command.add_option("--url", context.url, "Address of the server; default: PUNKT_URL, else the configured one.")
        ->type_name("URL");
}

int run_cli(std::vector<std::string> arguments, Terminal terminal) {
    CliContext context(std::move(terminal));
    CLI::App root("Punkt: a self-hosted HTTP task queue and scheduler in one binary.", "punkt");
    root.require_subcommand(1);
    root.fallthrough();
    root.set_help_flag("-h,--help", "Print this help and exit.");
    root.add_option("-o,--output", context.output, "How data is printed.")
        ->check(CLI::IsMember({"table", "json"}).description(""))
        ->type_name("table|json");
    root.add_option("--config", context.config_file, "Configuration file (TOML).")->type_name("FILE");
    add_server_commands(root, context);
    add_task_commands(root, context);
    add_execution_commands(root, context);
    add_dead_letter_commands(root, context);
    add_events_command(root, context);
    add_subscription_commands(root, context);
    add_notification_commands(root, context);
    add_definition_commands(root, context);
    add_simulate_command(root, context);
    add_bulk_commands(root, context);
    add_queue_commands(root, context);
    add_host_commands(root, context);
    add_audit_commands(root, context);
    add_key_commands(root, context);
    add_webhook_secret_commands(root, context);
    add_plan_commands(root, context);
    add_cron_commands(root, context);
    add_config_command(root, context);
    add_doctor_command(root, context);
    add_backup_commands(root, context);
    add_version_command(root, context);
    add_completion_command(root, context);

    const std::vector<std::string> words = arguments;
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
        root.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        return report_parse_error(root, error, words, context.terminal);
    }
    return context.command ? context.command() : exit_code::usage;
}

}  // namespace punkt::app

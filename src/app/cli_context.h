// What the commands share: flags as given, where to write, how to report an error. Inside app only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli.h"
#include "app/config.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace punkt::app {

/// Lives from building the command tree to the end of the command.
struct CliContext {
    explicit CliContext(Terminal where) : terminal(std::move(where)) {}

    Terminal terminal;
    std::string output = "table";                                 // "table" or "json"
    std::optional<std::string> config_file = std::nullopt;        // --config
    std::vector<std::pair<std::string, std::string>> flags = {};  // settings
    std::string url = {};                                         // --url
    std::function<int()> command = {};                            // what was chosen

    bool is_json() const { return output == "json"; }
    std::string environment(std::string_view name) const;

    /// The configuration from all sources. Errors: those of load_config; `fail(error, exit_code::config)` reports them.
    Result<Config> configuration(std::vector<std::pair<std::string, std::string>> defaults = {}) const;

    /// Writes `punkt: message` with its details to stderr and answers the exit code that fits.
    int fail(const Error& error, int code = exit_code::failed) const;
};

/// One function for each noun. They add their commands to `root`.
void add_server_commands(CLI::App& root, CliContext& context);
void add_task_commands(CLI::App& root, CliContext& context);
void add_execution_commands(CLI::App& root, CliContext& context);
void add_dead_letter_commands(CLI::App& root, CliContext& context);
void add_bulk_commands(CLI::App& root, CliContext& context);
void add_events_command(CLI::App& root, CliContext& context);
void add_definition_commands(CLI::App& root, CliContext& context);
void add_simulate_command(CLI::App& root, CliContext& context);
void add_queue_commands(CLI::App& root, CliContext& context);
void add_host_commands(CLI::App& root, CliContext& context);
void add_webhook_secret_commands(CLI::App& root, CliContext& context);
void add_subscription_commands(CLI::App& root, CliContext& context);
void add_notification_commands(CLI::App& root, CliContext& context);
void add_key_commands(CLI::App& root, CliContext& context);
void add_plan_commands(CLI::App& root, CliContext& context);
void add_cron_commands(CLI::App& root, CliContext& context);
void add_config_command(CLI::App& root, CliContext& context);
void add_doctor_command(CLI::App& root, CliContext& context);
void add_backup_commands(CLI::App& root, CliContext& context);
void add_version_command(CLI::App& root, CliContext& context);
void add_completion_command(CLI::App& root, CliContext& context);

/// Adds a flag for every setting that is no secret; short ones for the usual three.
void add_setting_flags(CLI::App& command, CliContext& context);
/// Only `--data-directory`.
void add_data_flag(CLI::App& command, CliContext& context);
/// `--url` and `--data-directory`, for commands that talk to a server.
void add_server_flags(CLI::App& command, CliContext& context);

/// docs/reference/cli.md, from the tree itself.
std::string cli_reference(const CLI::App& root);
/// A completion script for "bash", "zsh" or "fish".
std::string completion_script(const CLI::App& root, std::string_view shell);

}  // namespace punkt::app

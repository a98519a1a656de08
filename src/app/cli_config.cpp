// punkt config and punkt version.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_context.h"
#include "app/config_keys.h"
#include "app/version.h"
#include "base/json.h"

namespace punkt::app {

void add_config_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("config", "Print every setting with its value, unit and origin.");
    const auto markdown = std::make_shared<bool>(false);
    command->fallthrough();
    command->add_flag("--markdown", *markdown, "Print the reference page instead.");
    add_setting_flags(*command, context);
    command->callback([&context, markdown] {
        context.command = [&context, markdown] {
            if (*markdown) {
                fmt::print(context.terminal.out, "{}", settings_reference());
                return exit_code::ok;
            }
            auto config = context.configuration();
            if (!config) return context.fail(config.error(), exit_code::config);
            for (const auto& notice : config->notices) fmt::print(context.terminal.err, "punkt: {}\n", notice);
            fmt::print(context.terminal.out, "{}",
                       context.is_json() ? settings_json(*config) : settings_table(*config));
            return exit_code::ok;
        };
    });
}

void add_version_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("version", "Print the versions of Punkt and of what it is built on.");
    command->fallthrough();
    command->callback([&context] {
        context.command = [&context] {
            if (!context.is_json()) {
                fmt::print(context.terminal.out, "punkt {}\n", punkt_version());
                for (const auto& [name, version] : library_versions())
                    fmt::print(context.terminal.out, "{} {}\n", name, version);
                return exit_code::ok;
            }
            json::Writer writer;
            writer.begin_object().key("punkt").string(punkt_version());
            for (const auto& [name, version] : library_versions()) writer.key(name).string(version);
            writer.end_object();
            fmt::print(context.terminal.out, "{}\n", writer.text());
            return exit_code::ok;
        };
    });
}

}  // namespace punkt::app

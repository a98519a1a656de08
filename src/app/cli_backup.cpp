// punkt backup and punkt restore: one file that stands alone, checked on the way.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>

#include "app/cli_context.h"
#include "base/json.h"
#include "store/backup.h"
#include "store/data_folder.h"

namespace punkt::app {
namespace {

int exit_code_of(const Error& error) {
    return error.kind == ErrorKind::internal || error.kind == ErrorKind::full ? exit_code::internal : exit_code::failed;
}

void print_contents(const CliContext& context, const std::string& file, const store::Contents& contents) {
    if (!context.is_json()) {
        fmt::print(context.terminal.out, "{}: {} organizations, {} tasks, {} pending, {} executions, schema {}\n", file,
                   contents.organizations, contents.tasks, contents.timers, contents.executions, contents.schema);
        return;
    }
    json::Writer writer;
    writer.begin_object().key("file").string(file);
    writer.key("organizations").integer(contents.organizations);
    writer.key("tasks").integer(contents.tasks);
    writer.key("pending").integer(contents.timers);
    writer.key("executions").integer(contents.executions);
    writer.key("schema").integer(contents.schema).end_object();
    fmt::print(context.terminal.out, "{}\n", writer.text());
}

int back_up(const CliContext& context, const std::string& file) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    const std::string database = store::DataFolder::database_path(config->data.directory);
    std::error_code unused;
    if (!std::filesystem::exists(database, unused))
        return context.fail(
            {ErrorKind::not_found, fmt::format("there is no database {}: is --data-directory right?", database)});
    auto contents = store::back_up({.path = database}, file);
    if (!contents) return context.fail(contents.error(), exit_code_of(contents.error()));
    print_contents(context, file, *contents);
    return exit_code::ok;
}

int restore(const CliContext& context, const std::string& file) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    auto contents = store::restore(file, config->data.directory, SystemClock().now());
    if (!contents) return context.fail(contents.error(), exit_code_of(contents.error()));
    print_contents(context, store::DataFolder::database_path(config->data.directory), *contents);
    fmt::print(
        context.terminal.err,
        "The data from before is kept in {}/before-restore-…. Tasks that were delivered after the backup run again.\n",
        config->data.directory);
    return exit_code::ok;
}

void add_command(CLI::App& root, CliContext& context, const char* name, const char* help, const char* file_help,
                 int (*run)(const CliContext&, const std::string&)) {
    auto* command = root.add_subcommand(name, help);
    const auto file = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("file", *file, file_help)->required()->type_name("FILE");
    add_data_flag(*command, context);
    command->callback(
        [&context, file, run] { context.command = [&context, file, run] { return run(context, *file); }; });
}

}  // namespace

void add_backup_commands(CLI::App& root, CliContext& context) {
    add_command(root, context, "backup", "Copy the database to one file, also while the server runs, and check it.",
                "File to write; must not exist.", back_up);
    add_command(root, context, "restore",
                "Check a backup and put it into the data directory; the server must not run. The old data is kept.",
                "Backup to read.", restore);
}

}  // namespace punkt::app

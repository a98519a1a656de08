// punkt bulk: one action on many tasks. Counts, and with --yes confirms and tells how far it is.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <poll.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <utility>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

constexpr int progress_every_ms = 300;

struct BulkArguments {
    std::string action;
    std::vector<std::pair<std::string, std::string>> filter = {}, params = {};
    bool is_confirmed = false;
};

std::string bulk_path(const std::string& id) { return "/api/v1/bulk/" + percent_encoded(id); }

std::string request_json(const BulkArguments& arguments) {
    json::Writer writer;
    writer.begin_object().key("action").string(arguments.action).key("filter").begin_object();
    for (const auto& [name, value] : arguments.filter) writer.key(name).string(value);
    writer.end_object().key("params").begin_object();
    for (const auto& [name, value] : arguments.params) {
        writer.key(name);
        name == "queue" && value == "none" ? writer.null() : writer.string(value);
    }
    writer.end_object().end_object();
    return writer.take();
}

std::string counted_text(json::Value answer) {
    const json::Value data = answer["data"];
    std::string text = fmt::format("{} tasks match\n", data["matched"].integer().value_or(0));
    if (!data["sample"].elements().empty()) text += list_text(data["sample"], {"id", "name", "url"});
    return text;
}

std::string job_text(json::Value answer) { return object_text(answer["data"]); }

std::string jobs_text(json::Value answer) {
    return list_text(answer["data"],
                     {"id", "status", "action", "filter", "matched", "changed", "skipped", "inserted_at"});
}

/// Asks for the job until it has ended; says on stderr how far it is.
int follow(const CliContext& context, const std::string& id) {
    for (;;) {
        std::string status;
        CliContext quiet = context;
        ApiCommand look{.path = bulk_path(id)};
        look.as_text = [&](json::Value answer) {
            const json::Value data = answer["data"];
            status = cell_text(data["status"]);
            fmt::print(context.terminal.err, "{}: {} of {} changed, {} skipped\n", status, cell_text(data["changed"]),
                       cell_text(data["matched"]), cell_text(data["skipped"]));
            const bool is_over = status != "running";
            return is_over ? context.is_json() ? answer.text() + "\n" : object_text(data) : std::string();
        };
        quiet.output = "table";  // what is printed is decided above
        if (const int code = run_api_command(quiet, std::move(look)); code != exit_code::ok) return code;
        if (status != "running") return status == "done" ? exit_code::ok : exit_code::failed;
        ::poll(nullptr, 0, progress_every_ms);
    }
}

int start(const CliContext& context, const BulkArguments& arguments) {
    std::string id;
    ApiCommand count{.method = Method::post, .path = "/api/v1/bulk", .json = request_json(arguments)};
    CliContext shown = context;
    shown.output = "table";
    count.as_text = [&](json::Value answer) {
        id = cell_text(answer["data"]["id"]);
        // With --yes stdout belongs to the end of the job.
        if (!arguments.is_confirmed) return context.is_json() ? answer.text() + "\n" : counted_text(answer);
        fmt::print(context.terminal.err, "{}", counted_text(answer));
        return std::string();
    };
    if (const int code = run_api_command(shown, std::move(count)); code != exit_code::ok) return code;
    if (!arguments.is_confirmed) {
        fmt::print(context.terminal.err, "Nothing is changed yet: punkt bulk confirm {}\n", id);
        return exit_code::ok;
    }
    const auto silent = [](json::Value) { return std::string(); };
    const int code =
        run_api_command(shown, {.method = Method::post, .path = bulk_path(id) + "/confirm", .as_text = silent});
    return code == exit_code::ok ? follow(context, id) : code;
}

void add_text(CLI::App& command, std::vector<std::pair<std::string, std::string>>& into, const char* flag,
              std::string name, const char* help, const char* type) {
    command
        .add_option_function<std::string>(
            flag, [&into, name](const std::string& value) { into.emplace_back(name, value); }, help)
        ->type_name(type);
}

CLI::App* add_action(CLI::App& noun, CliContext& context, const char* verb, std::string action, const char* help,
                     const std::shared_ptr<BulkArguments>& arguments) {
    auto* command = noun.add_subcommand(verb, help);
    command->fallthrough();
    auto& filter = arguments->filter;
    add_text(*command, filter, "--queue", "queue", "Only of this queue; none: without queue.", "NAME");
    add_text(*command, filter, "--status", "status", "Only with this status, as in task list.", "STATUS");
    add_text(*command, filter, "--type", "type", "Only these.", "once|cron");
    add_text(*command, filter, "--tag", "tag", "Only with this tag.", "TAG");
    add_text(*command, filter, "--name", "name~", "Only with this text in the name.", "TEXT");
    add_text(*command, filter, "--host", "host", "Only to this host.", "HOST");
    add_text(*command, filter, "--created-from", "created_from", "Only made at this time or later.", "TIME");
    add_text(*command, filter, "--created-until", "created_until", "Only made before this time.", "TIME");
    add_text(*command, filter, "--finished-from", "finished_from", "Only last run at this time or later.", "TIME");
    add_text(*command, filter, "--finished-until", "finished_until", "Only last run before this time.", "TIME");
    command->add_flag("--yes", arguments->is_confirmed, "Do it, and wait for the end.");
    add_server_flags(*command, context);
    command->callback([&context, arguments, action] {
        arguments->action = action;
        context.command = [&context, arguments] { return start(context, *arguments); };
    });
    return command;
}

void add_by_id(CLI::App& noun, CliContext& context, const char* verb, const char* help,
               std::function<int(const CliContext&, const std::string&)> run) {
    auto* command = noun.add_subcommand(verb, help);
    const auto id = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("id", *id, "Id of the bulk job.")->required()->type_name("ID");
    add_server_flags(*command, context);
    command->callback(
        [&context, id, run = std::move(run)] { context.command = [&context, id, run] { return run(context, *id); }; });
}

}  // namespace

void add_bulk_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("bulk", "One action on many tasks: counted first, done when confirmed.");
    noun->require_subcommand(1)->fallthrough();
    const auto made = [] { return std::make_shared<BulkArguments>(); };
    add_action(*noun, context, "retry", "retry", "Run failed tasks once more.", made());
    add_action(*noun, context, "cancel", "cancel", "Cancel the runs that wait.", made());
    add_action(*noun, context, "delete", "delete", "Delete tasks.", made());
    const auto when = made(), where = made();
    auto* reschedule =
        add_action(*noun, context, "reschedule", "reschedule", "Move one-time tasks that wait to another time.", when);
    add_text(*reschedule, when->params, "--at", "run_at", "When, RFC 3339.", "TIME");
    add_text(*reschedule, when->params, "--delay", "delay", "How long from now: 30s, 5m, 2h, 1d.", "DURATION");
    auto* move = add_action(*noun, context, "move-queue", "move_queue", "Move tasks to another queue.", where);
    add_text(*move, where->params, "--to", "queue", "To which; none: out of their queue.", "NAME");
    add_by_id(*noun, context, "confirm", "Start what was counted, and wait for the end.",
              [](const CliContext& about, const std::string& id) {
                  CliContext quiet = about;
                  quiet.output = "table";  // the end of the job is what is printed
                  const int code = run_api_command(quiet, {.method = Method::post,
                                                           .path = bulk_path(id) + "/confirm",
                                                           .as_text = [](json::Value) { return std::string(); }});
                  return code == exit_code::ok ? follow(about, id) : code;
              });
    add_by_id(*noun, context, "get", "Print how far a bulk job is.",
              [](const CliContext& about, const std::string& id) {
                  return run_api_command(about, {.path = bulk_path(id), .as_text = job_text});
              });
    add_by_id(*noun, context, "abort", "End a bulk job; what it has changed stays changed.",
              [](const CliContext& about, const std::string& id) {
                  return run_api_command(
                      about, {.method = Method::post, .path = bulk_path(id) + "/abort", .as_text = job_text});
              });
    auto* list = noun->add_subcommand("list", "List bulk jobs, the latest first.");
    list->fallthrough();
    add_server_flags(*list, context);
    list->callback([&context] {
        context.command = [&context] {
            return run_api_command(context, {.path = "/api/v1/bulk", .as_text = jobs_text});
        };
    });
}

}  // namespace punkt::app

// punkt dead-letter list|redrive|dismiss, through the API of a running server.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

struct Choice {
    std::vector<std::string> ids;
    std::string host, status, status_code, error, task;
    bool all = false;
    bool runs = false;
    std::string limit;
};

std::string groups_text(json::Value answer) {
    return list_text(answer["data"], {"count", "host", "status", "status_code", "error", "first_seen", "last_seen"});
}

std::string runs_text(json::Value answer) {
    return list_text(answer["data"], {"execution_id", "host", "status", "status_code", "error", "finished_at"});
}

std::string redriven_text(json::Value answer) {
    return fmt::format("{} redriven, {} remain\n", answer["data"]["redriven"].text(),
                       answer["data"]["remaining"].text());
}

std::string dismissed_text(json::Value answer) {
    return fmt::format("{} dismissed, {} remain\n", answer["data"]["dismissed"].text(),
                       answer["data"]["remaining"].text());
}

void add_filters(CLI::App& command, Choice& choice) {
    command.add_option("--host", choice.host, "Only of this host.")->type_name("HOST");
    command.add_option("--status", choice.status, "Only failed, timeout or expired ones.")
        ->check(CLI::IsMember({"failed", "timeout", "expired"}).description(""))
        ->type_name("STATUS");
    command.add_option("--status-code", choice.status_code, "Only with this HTTP status; none: without one.")
        ->type_name("CODE");
    command.add_option("--error", choice.error, "Only with exactly this error.")->type_name("TEXT");
    command.add_option("--task", choice.task, "Only runs of this task.")->type_name("ID");
    command.add_option("--limit", choice.limit, "How many at most.")->type_name("N");
}

std::string request_json(const Choice& choice) {
    json::Writer writer;
    writer.begin_object();
    if (!choice.ids.empty()) {
        writer.key("ids").begin_array();
        for (const std::string& id : choice.ids) writer.string(id);
        writer.end_array();
    }
    for (const auto& [name, value] : {std::pair{"host", &choice.host}, std::pair{"status", &choice.status},
                                      std::pair{"status_code", &choice.status_code}, std::pair{"error", &choice.error},
                                      std::pair{"task_id", &choice.task}, std::pair{"limit", &choice.limit}})
        if (!value->empty()) writer.key(name).string(*value);
    if (choice.all) writer.key("all").boolean(true);
    writer.end_object();
    return writer.take();
}

void add_list(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("list", "List finally lost runs in groups, the most frequent first.");
    const auto choice = std::make_shared<Choice>();
    command->fallthrough();
    add_filters(*command, *choice);
    command->add_flag("--runs", choice->runs, "Each run instead of groups, the newest first.");
    add_server_flags(*command, context);
    command->callback([&context, choice] {
        context.command = [&context, choice] {
            const std::string query = query_text({{"host", choice->host},
                                                  {"status", choice->status},
                                                  {"status_code", choice->status_code},
                                                  {"error", choice->error},
                                                  {"task_id", choice->task},
                                                  {"limit", choice->limit}});
            const std::string path = choice->runs ? "/api/v1/dead-letters/runs" : "/api/v1/dead-letters";
            return run_api_command(context, {.path = path + query, .as_text = choice->runs ? runs_text : groups_text});
        };
    });
}

void add_action(CLI::App& noun, CliContext& context, const char* verb, const char* help,
                std::string (*as_text)(json::Value)) {
    auto* command = noun.add_subcommand(verb, help);
    const auto choice = std::make_shared<Choice>();
    command->fallthrough();
    command->add_option("ids", choice->ids, "Ids of the executions; or a filter, or --all.")->type_name("ID");
    add_filters(*command, *choice);
    command->add_flag("--all", choice->all, "All that there are.");
    add_server_flags(*command, context);
    command->callback([&context, choice, as_text, path = std::string("/api/v1/dead-letters/") + verb] {
        context.command = [&context, choice, as_text, path] {
            return run_api_command(
                context, {.method = Method::post, .path = path, .json = request_json(*choice), .as_text = as_text});
        };
    });
}

}  // namespace

void add_dead_letter_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("dead-letter", "Finally lost runs: look at them, run them again, dismiss them.");
    noun->require_subcommand(1)->fallthrough();
    add_list(*noun, context);
    add_action(*noun, context, "redrive", "Run lost runs again; at most 1000 in one call.", redriven_text);
    add_action(*noun, context, "dismiss", "Take lost runs off the list; their history stays.", dismissed_text);
}

}  // namespace punkt::app

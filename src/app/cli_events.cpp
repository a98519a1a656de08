// punkt events: what happens, one line for each event, through the API of a running server.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

struct EventWish {
    bool follow = false;
    std::string types, queue, task, after;
};

/// "2026-…  execution.failed  mail  nightly  0190… 503 connection refused": what is known, blanks between.
std::string line_of(json::Value event) {
    std::string line = fmt::format("{}  {:<25}", cell_text(event["time"]), cell_text(event["type"]));
    const json::Value data = event["data"];
    const std::string id = cell_text(data["execution_id"]);
    for (const std::string& cell :
         {id.empty() ? cell_text(data["task_id"]) : id, cell_text(data["task_name"]), cell_text(data["queue"]),
          cell_text(data["status_code"]), cell_text(data["error_message"])})
        if (!cell.empty()) line += "  " + cell;
    return line;
}

/// Page by page until there are no more; with `follow` each next page waits for its first event.
int print_events(const CliContext& context, EventWish wish) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    auto client = ApiClient::create(server_url(context, *config), client_key(context, *config), config->client.ca_file);
    if (!client) return context.fail(client.error(), exit_code::usage);
    while (true) {
        const std::string query = query_text({{"types", wish.types},
                                              {"queue", wish.queue},
                                              {"task", wish.task},
                                              {"after", wish.after},
                                              {"wait", wish.follow ? "true" : ""},
                                              {"limit", "1000"}});
        const auto answer = client->call(Method::get, "/api/v1/events" + query);
        if (!answer) return context.fail(answer.error(), exit_code::unreachable);
        if (answer->status != 200) return context.fail(error_from(*answer));
        const auto document = json::Document::parse(answer->body);
        if (!document) return context.fail(document.error());
        const json::Value page = document->root();
        if (page["complete"].boolean() == false)
            fmt::print(context.terminal.err, "Events before the first one below are not kept any more.\n");
        for (const json::Value event : page["data"].elements())
            fmt::print(context.terminal.out, "{}\n", context.is_json() ? event.text() : line_of(event));
        context.terminal.out.flush();
        wish.after = cell_text(page["next_cursor"]);
        if (!wish.follow && page["has_more"].boolean() != true) return exit_code::ok;
    }
}

}  // namespace

void add_events_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand(
        "events", "Print the events that are kept: those since somebody first listened, within the last day.");
    const auto wish = std::make_shared<EventWish>();
    command->fallthrough();
    command->add_flag("--follow,-f", wish->follow, "Go on with those that come, until Ctrl-C.");
    command->add_option("--types", wish->types, "Only these: names, execution.* and the like, with commas.")
        ->type_name("TYPES");
    command->add_option("--queue", wish->queue, "Only of this queue; none: of no queue.")->type_name("NAME");
    command->add_option("--task", wish->task, "Only of this task.")->type_name("ID");
    command->add_option("--after", wish->after, "Only what came after this event.")->type_name("ID");
    add_server_flags(*command, context);
    command->callback(
        [&context, wish] { context.command = [&context, wish] { return print_events(context, *wish); }; });
}

}  // namespace punkt::app

// punkt dead-letter list|redrive|edit|dismiss, through the API of a running server.
#include <fmt/format.h>
#include <fmt/ostream.h>

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

/// "redrive" and "dismiss": the verb, and the member of the answer that counts.
struct Action {
    const char* verb;
    const char* counted;
};

constexpr const char* runs_of_a_page = "100";

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

std::vector<std::pair<std::string, std::string>> filters_of(const Choice& choice) {
    return {{"host", choice.host},
            {"status", choice.status},
            {"status_code", choice.status_code},
            {"error", choice.error},
            {"task_id", choice.task}};
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
            auto parameters = filters_of(*choice);
            parameters.emplace_back("limit", choice->limit);
            const std::string query = query_text(parameters);
            const std::string path = choice->runs ? "/api/v1/dead-letters/runs" : "/api/v1/dead-letters";
            return run_api_command(context, {.path = path + query, .as_text = choice->runs ? runs_text : groups_text});
        };
    });
}

int run_once(const CliContext& context, const Choice& choice, const Action& action) {
    return run_api_command(context, {.method = Method::post,
                                     .path = std::string("/api/v1/dead-letters/") + action.verb,
                                     .json = request_json(choice),
                                     .as_text = [action](json::Value answer) {
                                         return fmt::format("{} {}, {} remain\n", answer["data"][action.counted].text(),
                                                            action.counted, answer["data"]["remaining"].text());
                                     }});
}

/// Page by page, from the newest to the oldest: what fails again meanwhile is newer, and is not taken twice.
int run_all(const CliContext& context, const Choice& choice, const Action& action) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    auto client = ApiClient::create(server_url(context, *config), client_key(context, *config), config->client.ca_file);
    if (!client) return context.fail(client.error(), exit_code::usage);
    std::int64_t done = 0;
    std::string cursor;
    do {
        auto parameters = filters_of(choice);
        parameters.insert(parameters.end(), {{"limit", runs_of_a_page}, {"cursor", cursor}});
        auto page = client->call(Method::get, "/api/v1/dead-letters/runs" + query_text(parameters));
        if (!page) return context.fail(page.error(), exit_code::unreachable);
        if (page->status != 200) return context.fail(error_from(*page));
        const auto runs = json::Document::parse(page->body);
        if (!runs) return context.fail(runs.error());
        cursor = cell_text(runs->root()["next_cursor"]);
        Choice chosen;
        for (const json::Value run : runs->root()["data"].elements())
            chosen.ids.push_back(cell_text(run["execution_id"]));
        if (chosen.ids.empty()) break;
        auto answer =
            client->call(Method::post, std::string("/api/v1/dead-letters/") + action.verb, request_json(chosen));
        if (!answer) return context.fail(answer.error(), exit_code::unreachable);
        if (answer->status != 200) return context.fail(error_from(*answer));
        const auto outcome = json::Document::parse(answer->body);
        if (!outcome) return context.fail(outcome.error());
        done += outcome->root()["data"][action.counted].integer().value_or(0);
    } while (!cursor.empty());
    if (context.is_json())
        fmt::print(context.terminal.out, "{{\"data\":{{\"{}\":{}}}}}\n", action.counted, done);
    else
        fmt::print(context.terminal.out, "{} {}\n", done, action.counted);
    return exit_code::ok;
}

void add_action(CLI::App& noun, CliContext& context, const char* help, Action action) {
    auto* command = noun.add_subcommand(action.verb, help);
    const auto choice = std::make_shared<Choice>();
    command->fallthrough();
    command->add_option("ids", choice->ids, "Ids of the executions; or a filter, or --all.")->type_name("ID");
    add_filters(*command, *choice);
    command->add_flag("--all", choice->all, "All that there are.");
    add_server_flags(*command, context);
    command->callback([&context, choice, action] {
        context.command = [&context, choice, action] {
            const bool names_many = choice->all || !query_text(filters_of(*choice)).empty();
            const bool needs_pages = choice->ids.empty() && choice->limit.empty() && names_many;
            return needs_pages ? run_all(context, *choice, action) : run_once(context, *choice, action);
        };
    });
}

void add_edited(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("edit", "Run a lost run again as a copy of its task with other fields.");
    const auto id = std::make_shared<std::string>();
    const auto fields = std::make_shared<std::vector<std::string>>();
    command->fallthrough();
    command->add_option("id", *id, "Id of the execution.")->required()->type_name("ID");
    command->add_option("--field", *fields, "A field of the task, name=JSON; may be repeated.")
        ->required()
        ->type_name("NAME=JSON")
        ->expected(1)
        ->take_all();
    add_server_flags(*command, context);
    command->callback([&context, id, fields] {
        context.command = [&context, id, fields] {
            json::Writer writer;
            writer.begin_object();
            for (const auto& field : *fields)
                if (auto fine = write_field(writer, field); !fine) return context.fail(fine.error(), exit_code::usage);
            return run_api_command(context,
                                   {.method = Method::post,
                                    .path = "/api/v1/dead-letters/" + percent_encoded(*id) + "/redrive",
                                    .json = writer.end_object().take(),
                                    .as_text = [](json::Value answer) { return object_text(answer["data"]); }});
        };
    });
}

}  // namespace

void add_dead_letter_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("dead-letter", "Finally lost runs: look at them, run them again, dismiss them.");
    noun->require_subcommand(1)->fallthrough();
    add_list(*noun, context);
    add_action(*noun, context, "Run lost runs again.", {"redrive", "redriven"});
    add_edited(*noun, context);
    add_action(*noun, context, "Take lost runs off the list; their history stays.", {"dismiss", "dismissed"});
}

}  // namespace punkt::app

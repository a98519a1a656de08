// punkt queue list|show|set|pause|resume|drain|purge, through the API of a running server.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

std::string queue_path(const std::string& name) { return "/api/v1/queues/" + percent_encoded(name); }

std::string queue_text(json::Value answer) { return object_text(answer["data"]); }

std::string rate_text(json::Value rate) {
    if (rate.is_nothing()) return {};
    return fmt::format("{}/{}ms", cell_text(rate["count"]), cell_text(rate["period_ms"]));
}

/// The list as a table: what people look for first.
std::string queues_text(json::Value answer) {
    json::Writer rows;
    rows.begin_array();
    for (const auto queue : answer["data"].elements()) {
        const json::Value depth = queue["depth"];
        const bool is_paused = queue["paused"].boolean() == true;
        const bool is_draining = queue["draining"].boolean() == true;
        const std::string more = depth["counted"].string() == "at_least" ? "+" : "";
        rows.begin_object().key("name").string(cell_text(queue["name"]));
        rows.key("state").string(is_paused ? "paused" : is_draining ? "draining" : "open");
        for (const char* member : {"due", "delayed", "retrying"})
            rows.key(member).string(cell_text(depth[member]) + more);
        rows.key("running").string(cell_text(depth["running"]));
        rows.key("concurrency").string(cell_text(queue["concurrency"]));
        rows.key("rate").string(rate_text(queue["rate"])).end_object();
    }
    rows.end_array();
    const auto document = json::Document::parse(rows.text());
    return list_text(document->root(),
                     {"name", "state", "due", "delayed", "retrying", "running", "concurrency", "rate"});
}

void add_list(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("list", "List queues with what waits in them.");
    const auto all = std::make_shared<bool>(false);
    command->fallthrough();
    command->add_flag("--all", *all, "Also those without tasks that have settings.");
    add_server_flags(*command, context);
    command->callback([&context, all] {
        context.command = [&context, all] {
            return run_api_command(
                context, {.path = std::string("/api/v1/queues") + (*all ? "?all=true" : ""), .as_text = queues_text});
        };
    });
}

void add_by_name(CLI::App& noun, CliContext& context, const char* verb, const char* help,
                 std::function<ApiCommand(const std::string& name)> make) {
    auto* command = noun.add_subcommand(verb, help);
    const auto name = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("name", *name, "Name of the queue.")->required()->type_name("NAME");
    add_server_flags(*command, context);
    command->callback([&context, name, make = std::move(make)] {
        context.command = [&context, name, make] { return run_api_command(context, make(*name)); };
    });
}

/// Empty: not given.
struct QueueArguments {
    std::string name, concurrency, rate, burst, priority, on_failure;
};

/// "10/s" with a burst, "none", or nothing.
void write_rate(json::Writer& writer, const QueueArguments& arguments) {
    if (arguments.rate.empty()) return;
    writer.key("rate");
    const auto slash = arguments.rate.find('/');
    if (arguments.rate == "none") {
        writer.null();
    } else if (arguments.burst.empty() || slash == std::string::npos) {
        writer.string(arguments.rate);
    } else {
        std::string period = arguments.rate.substr(slash + 1);
        if (period.size() == 1) period.insert(0, 1, '1');
        writer.begin_object().key("count").raw(arguments.rate.substr(0, slash));
        writer.key("period").string(period).key("burst").raw(arguments.burst).end_object();
    }
}

std::string settings_json(const QueueArguments& arguments) {
    json::Writer writer;
    writer.begin_object();
    if (!arguments.concurrency.empty()) writer.key("concurrency").string(arguments.concurrency);
    write_rate(writer, arguments);
    if (!arguments.priority.empty()) writer.key("priority").string(arguments.priority);
    if (!arguments.on_failure.empty()) writer.key("on_failure").string(arguments.on_failure);
    writer.end_object();
    return writer.take();
}

void add_set(CLI::App& noun, CliContext& context) {
    auto* command =
        noun.add_subcommand("set", "Change how a queue lets its tasks through. Only what is given changes.");
    const auto arguments = std::make_shared<QueueArguments>();
    command->fallthrough();
    command->add_option("name", arguments->name, "Name of the queue.")->required()->type_name("NAME");
    command->add_option("--concurrency", arguments->concurrency, "Runs at once; 1: one after the other, in order.")
        ->check(CLI::Range(1, 10'000).description(""))
        ->type_name("N");
    auto* rate = command->add_option("--rate", arguments->rate, "Starts in a period: 10/s, 5/10s, 100/m; none.");
    rate->type_name("RATE");
    command->add_option("--burst", arguments->burst, "So many of the rate at once after a quiet time; default: 1.")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->type_name("N")
        ->needs(rate);
    command->add_option("--priority", arguments->priority, "Of tasks that name none: 1 first, 10 last.")
        ->check(CLI::Range(1, 10).description(""))
        ->type_name("N");
    command->add_option("--on-failure", arguments->on_failure, "What a failed attempt does to those behind it.")
        ->check(CLI::IsMember({"block", "park", "skip"}).description(""))
        ->type_name("block|park|skip");
    add_server_flags(*command, context);
    command->callback([&context, arguments] {
        context.command = [&context, arguments] {
            return run_api_command(context, {.method = Method::put,
                                             .path = queue_path(arguments->name),
                                             .json = settings_json(*arguments),
                                             .as_text = queue_text});
        };
    });
}

void add_purge(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("purge", "Cancel what waits in a queue; without --confirm only say how much.");
    const auto name = std::make_shared<std::string>();
    const auto confirm = std::make_shared<bool>(false);
    command->fallthrough();
    command->add_option("name", *name, "Name of the queue.")->required()->type_name("NAME");
    command->add_flag("--confirm", *confirm, "Do it.");
    add_server_flags(*command, context);
    command->callback([&context, name, confirm] {
        context.command = [&context, name, confirm] {
            return run_api_command(context, {.method = Method::post,
                                             .path = queue_path(*name) + "/purge",
                                             .json = *confirm ? R"({"confirm":true})" : "{}",
                                             .as_text = message_text});
        };
    });
}

}  // namespace

void add_queue_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("queue", "Look into queues, pause them and say how they let tasks through.");
    noun->require_subcommand(1)->fallthrough();
    const auto post = [](const char* action) {
        return [action](const std::string& name) {
            return ApiCommand{.method = Method::post, .path = queue_path(name) + "/" + action, .as_text = message_text};
        };
    };
    add_list(*noun, context);
    add_by_name(*noun, context, "show", "Print a queue's settings and what is in it.",
                [](const std::string& name) { return ApiCommand{.path = queue_path(name), .as_text = queue_text}; });
    add_set(*noun, context);
    add_by_name(*noun, context, "pause", "Start nothing of a queue until it is resumed; what runs finishes.",
                post("pause"));
    add_by_name(*noun, context, "resume", "End a pause or a drain.", post("resume"));
    add_by_name(*noun, context, "drain", "Start what is queued, but take no new tasks until the queue is resumed.",
                post("drain"));
    add_purge(*noun, context);
}

}  // namespace punkt::app

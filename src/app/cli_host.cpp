// punkt host list|show|reset, through the API of a running server.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

std::string hosts_text(json::Value answer) {
    return list_text(answer["data"], {"host", "state", "blocked_until", "failures", "reason", "limit", "waiting"});
}

std::string host_text(json::Value answer) { return object_text(answer["data"]); }

std::string host_path(const std::string& host) { return "/api/v1/hosts/" + percent_encoded(host); }

void add_by_name(CLI::App& noun, CliContext& context, const char* verb, const char* help,
                 std::function<ApiCommand(const std::string& host)> make) {
    auto* command = noun.add_subcommand(verb, help);
    const auto host = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("host", *host, "Name or address, without the port.")->required()->type_name("HOST");
    add_server_flags(*command, context);
    command->callback([&context, host, make = std::move(make)] {
        context.command = [&context, host, make] { return run_api_command(context, make(*host)); };
    });
}

}  // namespace

void add_host_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("host", "Look up targets that failed, and let them be called again.");
    noun->require_subcommand(1)->fallthrough();
    auto* list = noun->add_subcommand("list", "List the hosts that something is known against.");
    list->fallthrough();
    add_server_flags(*list, context);
    list->callback([&context] {
        context.command = [&context] {
            return run_api_command(context, {.path = "/api/v1/hosts", .as_text = hosts_text});
        };
    });
    add_by_name(*noun, context, "show", "Print what is known of a host.",
                [](const std::string& host) { return ApiCommand{.path = host_path(host), .as_text = host_text}; });
    add_by_name(*noun, context, "reset", "Forget what is known against a host; what waits for it goes on.",
                [](const std::string& host) {
                    return ApiCommand{
                        .method = Method::post, .path = host_path(host) + "/reset", .as_text = message_text};
                });
}

}  // namespace punkt::app

// punkt webhook-secret show|rotate|drop-previous, through the API of a running server.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

const char* const path = "/api/v1/organization/webhook-secret";

std::string secret_text(json::Value answer) { return object_text(answer["data"]); }

CLI::App* add_verb(CLI::App& noun, CliContext& context, const char* verb, const char* help,
                   std::function<ApiCommand()> make) {
    auto* command = noun.add_subcommand(verb, help);
    command->fallthrough();
    add_server_flags(*command, context);
    command->callback([&context, make = std::move(make)] {
        context.command = [&context, make] { return run_api_command(context, make()); };
    });
    return command;
}

}  // namespace

void add_webhook_secret_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("webhook-secret", "Look at and replace what signs the deliveries.");
    noun->require_subcommand(1)->fallthrough();
    add_verb(*noun, context, "show", "Print the secret, and the one before it while that signs too.",
             [] { return ApiCommand{.path = path, .as_text = secret_text}; });
    const auto overlap = std::make_shared<std::string>();
    auto* rotate =
        add_verb(*noun, context, "rotate", "Make a new secret; the old one signs too for a while.", [overlap] {
            return ApiCommand{.method = Method::post,
                              .path = std::string(path) + "/rotate" + query_text({{"overlap_hours", *overlap}}),
                              .as_text = secret_text};
        });
    rotate->add_option("--overlap-hours", *overlap, "How long both sign; 24 by default, 0: the old one not at all.")
        ->type_name("HOURS");
    add_verb(*noun, context, "drop-previous", "Erase the old secret before its time.", [] {
        return ApiCommand{.method = Method::delete_, .path = std::string(path) + "/previous", .as_text = message_text};
    });
}

}  // namespace punkt::app

// punkt subscription list|get|create|update|delete|test, through the API of a running server.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

/// Empty: not given.
struct SubscriptionArguments {
    std::string id, url, types, enabled;
};

std::string subscriptions_text(json::Value answer) {
    return list_text(answer["data"], {"id", "url", "types", "enabled"});
}

std::string subscription_text(json::Value answer) { return object_text(answer["data"]); }

std::string subscription_path(const std::string& id) { return "/api/v1/subscriptions/" + percent_encoded(id); }

std::string fields_json(const SubscriptionArguments& arguments) {
    json::Writer writer;
    writer.begin_object();
    if (!arguments.url.empty()) writer.key("url").string(arguments.url);
    if (!arguments.types.empty()) writer.key("types").string(arguments.types);
    if (!arguments.enabled.empty()) writer.key("enabled").raw(arguments.enabled);
    return writer.end_object().take();
}

using Arguments = std::shared_ptr<SubscriptionArguments>;

CLI::App* add_verb(CLI::App& noun, CliContext& context, const char* verb, const char* help, const Arguments& arguments,
                   std::function<ApiCommand(const SubscriptionArguments&)> make) {
    auto* command = noun.add_subcommand(verb, help);
    command->fallthrough();
    add_server_flags(*command, context);
    command->callback([&context, arguments, make = std::move(make)] {
        context.command = [&context, arguments, make] { return run_api_command(context, make(*arguments)); };
    });
    return command;
}

void add_id(CLI::App& command, const Arguments& arguments) {
    command.add_option("id", arguments->id, "Id of the subscription.")->required()->type_name("ID");
}

void add_fields(CLI::App& command, const Arguments& arguments) {
    command
        .add_option("--types", arguments->types,
                    "Events to send: names, execution.* and the like, with commas; default: all.")
        ->type_name("TYPES");
    command.add_option("--enabled", arguments->enabled, "Whether events are sent.")
        ->check(CLI::IsMember({"true", "false"}).description(""))
        ->type_name("true|false");
}

}  // namespace

void add_subscription_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("subscription", "Webhooks that are sent for events.");
    noun->require_subcommand(1)->fallthrough();
    const auto arguments = std::make_shared<SubscriptionArguments>();
    add_verb(*noun, context, "list", "List where events are sent.", arguments, [](const SubscriptionArguments&) {
        return ApiCommand{.path = "/api/v1/subscriptions", .as_text = subscriptions_text};
    });
    add_id(*add_verb(*noun, context, "get", "Print a subscription.", arguments,
                     [](const SubscriptionArguments& given) {
                         return ApiCommand{.path = subscription_path(given.id), .as_text = subscription_text};
                     }),
           arguments);
    auto* create = add_verb(*noun, context, "create", "Send events to a URL from now on.", arguments,
                            [](const SubscriptionArguments& given) {
                                return ApiCommand{.method = Method::post,
                                                  .path = "/api/v1/subscriptions",
                                                  .json = fields_json(given),
                                                  .as_text = subscription_text};
                            });
    create->add_option("to", arguments->url, "Where to.")->required()->type_name("URL");
    add_fields(*create, arguments);
    auto* update = add_verb(*noun, context, "update", "Change a subscription. Only what is given changes.", arguments,
                            [](const SubscriptionArguments& given) {
                                return ApiCommand{.method = Method::put,
                                                  .path = subscription_path(given.id),
                                                  .json = fields_json(given),
                                                  .as_text = subscription_text};
                            });
    add_id(*update, arguments);
    update->add_option("--to", arguments->url, "Where to.")->type_name("URL");
    add_fields(*update, arguments);
    add_id(*add_verb(*noun, context, "delete", "Send no more; what is queued is still sent.", arguments,
                     [](const SubscriptionArguments& given) {
                         return ApiCommand{
                             .method = Method::delete_, .path = subscription_path(given.id), .as_text = message_text};
                     }),
           arguments);
    add_id(*add_verb(*noun, context, "test", "Send an event of type punkt.test.", arguments,
                     [](const SubscriptionArguments& given) {
                         return ApiCommand{.method = Method::post,
                                           .path = subscription_path(given.id) + "/test",
                                           .as_text = subscription_text};
                     }),
           arguments);
}

}  // namespace punkt::app

// punkt notifications show|set: whom the organization has told of lost runs, through the API of a running server.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"

namespace punkt::app {
namespace {

const char* const path = "/api/v1/notifications";

/// Empty: not given.
struct NotificationArguments {
    std::string webhook_url, email, on_failure, on_recovery;
};

std::string settings_text(json::Value answer) { return object_text(answer["data"]); }

std::string settings_json(const NotificationArguments& arguments) {
    json::Writer writer;
    writer.begin_object();
    const auto write_place = [&writer](const char* name, const std::string& place) {
        if (place.empty()) return;
        writer.key(name);
        place == "none" ? writer.null() : writer.string(place);
    };
    write_place("notification_webhook_url", arguments.webhook_url);
    write_place("notification_email", arguments.email);
    if (!arguments.on_failure.empty()) writer.key("notify_on_failure").raw(arguments.on_failure);
    if (!arguments.on_recovery.empty()) writer.key("notify_on_recovery").raw(arguments.on_recovery);
    return writer.end_object().take();
}

void add_switch(CLI::App& command, const char* flag, std::string& place, const char* help) {
    command.add_option(flag, place, help)
        ->check(CLI::IsMember({"true", "false"}).description(""))
        ->type_name("true|false");
}

}  // namespace

void add_notification_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("notifications", "Who is told that a run was lost, and that it works again.");
    noun->require_subcommand(1)->fallthrough();
    auto* show = noun->add_subcommand("show", "Print where the organization is told.");
    show->fallthrough();
    add_server_flags(*show, context);
    show->callback([&context] {
        context.command = [&context] { return run_api_command(context, {.path = path, .as_text = settings_text}); };
    });
    auto* set = noun->add_subcommand("set", "Change where the organization is told. Only what is given changes.");
    const auto arguments = std::make_shared<NotificationArguments>();
    set->fallthrough();
    set->add_option("--webhook-url", arguments->webhook_url,
                    "Where to; Slack and Discord get what they understand. none: nowhere.")
        ->type_name("URL");
    set->add_option("--email", arguments->email, "An address that is written to, too. none: nobody.")
        ->type_name("ADDRESS");
    add_switch(*set, "--on-failure", arguments->on_failure, "Of lost runs of tasks that do not say.");
    add_switch(*set, "--on-recovery", arguments->on_recovery, "Of recoveries of tasks that do not say.");
    add_server_flags(*set, context);
    set->callback([&context, arguments] {
        context.command = [&context, arguments] {
            return run_api_command(
                context,
                {.method = Method::put, .path = path, .json = settings_json(*arguments), .as_text = settings_text});
        };
    });
}

}  // namespace punkt::app

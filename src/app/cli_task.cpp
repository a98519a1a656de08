// punkt task create|batch|list|get|update|delete|explain|trigger, through the API of a running server.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <iterator>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/config_file.h"
#include "base/crypto.h"
#include "base/text.h"

namespace punkt::app {
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024 * 1024;

/// "dedupe", "debounce" and "throttle": the key of each, and the durations and the count that belong to them.
struct OnceArguments {
    std::string dedupe, window, debounce, wait, max_wait, throttle, period, count;
};

/// What create and update take. Empty: not given.
struct TaskArguments {
    std::string id;
    /// Field of the API and its value, in order.
    std::vector<std::pair<std::string, std::string>> texts = {}, numbers = {}, flags = {};
    std::vector<std::string> headers = {};
    std::string body_file = {};
    std::vector<std::string> fields = {};  // --field name=JSON
    OnceArguments once = {};
};

struct TaskFilters {
    std::string queue, type, status, name, purpose, order, limit, offset, cursor;
    std::vector<std::string> tags, metadata;
    bool system = false;
};

/// Appends "headers", from "Name: value" lines.
Result<void> write_headers(json::Writer& writer, const std::vector<std::string>& headers) {
    if (headers.empty()) return {};
    writer.key("headers").begin_object();
    for (const auto& header : headers) {
        const auto colon = header.find(':');
        if (colon == std::string::npos)
            return Error{ErrorKind::invalid, fmt::format("--header must be \"Name: value\", not \"{}\"", header)};
        writer.key(trimmed(header.substr(0, colon))).string(trimmed(header.substr(colon + 1)));
    }
    writer.end_object();
    return {};
}

/// A file, or stdin for "-".
Result<std::string> read_input(const std::string& path) {
    if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    return read_small_file(path, body_bytes_max);
}

Result<void> write_body_file(json::Writer& writer, const std::string& path) {
    if (path.empty()) return {};
    auto bytes = read_input(path);
    if (!bytes) return bytes.error();
    writer.key("body_base64").string(crypto::base64(*bytes));
    return {};
}

void write_once(json::Writer& writer, const OnceArguments& once) {
    const auto write = [&](const char* name, const std::string& key,
                           std::initializer_list<std::pair<const char*, const std::string&>> members) {
        if (key.empty()) return;
        writer.key(name).begin_object().key("key").string(key);
        for (const auto& [member, value] : members)
            if (!value.empty()) writer.key(member).string(value);
        if (key == once.throttle && !once.count.empty()) writer.key("count").raw(once.count);
        writer.end_object();
    };
    write("dedupe", once.dedupe, {{"window", once.window}});
    write("debounce", once.debounce, {{"wait", once.wait}, {"max_wait", once.max_wait}});
    write("throttle", once.throttle, {{"period", once.period}});
}

Result<std::string> task_json(const TaskArguments& arguments) {
    json::Writer writer;
    writer.begin_object();
    for (const auto& [field, value] : arguments.texts) writer.key(field).string(value);
    for (const auto& [field, value] : arguments.numbers) writer.key(field).raw(value);
    for (const auto& [field, value] : arguments.flags) writer.key(field).raw(value);
    if (auto fine = write_headers(writer, arguments.headers); !fine) return fine.error();
    if (auto fine = write_body_file(writer, arguments.body_file); !fine) return fine.error();
    write_once(writer, arguments.once);
    for (const auto& field : arguments.fields)
        if (auto fine = write_field(writer, field); !fine) return fine.error();
    writer.end_object();
    return writer.take();
}

void add_text(CLI::App& command, TaskArguments& arguments, const char* flag, std::string field, const char* help,
              const char* type = "TEXT") {
    command
        .add_option_function<std::string>(
            flag, [&arguments, field](const std::string& value) { arguments.texts.emplace_back(field, value); }, help)
        ->type_name(type);
}

void add_number(CLI::App& command, TaskArguments& arguments, const char* flag, std::string field, const char* help) {
    command
        .add_option_function<std::int64_t>(
            flag,
            [&arguments, field](std::int64_t value) { arguments.numbers.emplace_back(field, fmt::to_string(value)); },
            help)
        ->type_name("N");
}

void add_task_flags(CLI::App& command, TaskArguments& arguments) {
    add_text(command, arguments, "--name", "name", "Name in lists; default: made from the URL.");
    add_text(command, arguments, "-X,--method", "method", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.", "METHOD");
    command.add_option("-H,--header", arguments.headers, "Header to send, \"Name: value\"; may be repeated.")
        ->type_name("HEADER")
        ->expected(1)
        ->take_all();
    auto* body = command.add_option_function<std::string>(
        "-d,--body", [&arguments](const std::string& value) { arguments.texts.emplace_back("body", value); },
        "Body to send, as it is.");
    body->type_name("TEXT");
    command.add_option("--body-file", arguments.body_file, "File with the body; - for stdin.")
        ->type_name("FILE")
        ->excludes(body);
    add_text(command, arguments, "--delay", "delay", "How long to wait first: 30s, 5m, 2h, 1d.", "DURATION");
    add_text(command, arguments, "--at", "run_at", "When to run, RFC 3339.", "TIME");
    add_text(command, arguments, "--cron", "cron", "When to run again and again.", "EXPR");
    add_text(command, arguments, "--timezone", "timezone", "Time zone of --cron; default: UTC.", "ZONE");
    add_text(command, arguments, "--queue", "queue", "Queue that the task waits in.", "NAME");
    add_number(command, arguments, "--timeout-ms", "timeout_ms", "How long one attempt may take in all.");
    add_number(command, arguments, "--retries", "retry_attempts", "How often it is tried again.");
    add_text(command, arguments, "--callback-url", "callback_url", "Told about the result.", "URL");
    command
        .add_option_function<std::string>(
            "--enabled", [&arguments](const std::string& value) { arguments.flags.emplace_back("enabled", value); },
            "Whether a cron task runs.")
        ->check(CLI::IsMember({"true", "false"}).description(""))
        ->type_name("true|false");
    command.add_option("--field", arguments.fields, "Any other field of the API, name=JSON; may be repeated.")
        ->type_name("NAME=JSON")
        ->expected(1)
        ->take_all();
}

void add_once_flags(CLI::App& command, OnceArguments& once) {
    const auto add = [&](const char* flag, std::string& value, const char* type, const char* help) {
        return command.add_option(flag, value, help)->type_name(type);
    };
    auto* dedupe = add("--dedupe", once.dedupe, "KEY", "Only the first task of this key within --window counts.");
    add("--window", once.window, "DURATION", "Of --dedupe: 10m.")->needs(dedupe);
    auto* debounce = add("--debounce", once.debounce, "KEY", "Only the last task of this key counts, after --wait.");
    add("--wait", once.wait, "DURATION", "Of --debounce: how long to wait for another one.")->needs(debounce);
    add("--max-wait", once.max_wait, "DURATION", "Of --debounce: how long at most since the first.")->needs(debounce);
    auto* throttle = add("--throttle", once.throttle, "KEY", "At most --count tasks of this key in any --period.");
    add("--count", once.count, "N", "Of --throttle.")->needs(throttle)->check(CLI::PositiveNumber.description(""));
    add("--period", once.period, "DURATION", "Of --throttle: 1h.")->needs(throttle);
}

std::string task_path(const std::string& id) { return "/api/v1/tasks/" + percent_encoded(id); }

/// "once" tasks have no list of their own in the answer's words: what was queued, or the task itself.
std::string created_text(json::Value answer) { return object_text(answer["data"]); }

std::string tasks_text(json::Value answer) {
    return list_text(answer["data"], {"id", "name", "method", "url", "schedule_type", "cron_expression", "queue",
                                      "enabled", "next_run_at", "last_execution_status"});
}

int send_task(const CliContext& context, const TaskArguments& arguments, Method method, std::string path) {
    auto json = task_json(arguments);
    if (!json) return context.fail(json.error(), exit_code::usage);
    return run_api_command(
        context, {.method = method, .path = std::move(path), .json = std::move(*json), .as_text = created_text});
}

void add_create(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("create", "Queue a task: now, later or on a schedule.");
    const auto arguments = std::make_shared<TaskArguments>();
    command->fallthrough();
    add_text(*command, *arguments, "target", "url", "URL to call.", "URL");
    command->get_option("target")->required();
    add_task_flags(*command, *arguments);
    add_once_flags(*command, arguments->once);
    add_server_flags(*command, context);
    command->callback([&context, arguments] {
        context.command = [&context, arguments] {
            return send_task(context, *arguments, Method::post, "/api/v1/tasks");
        };
    });
}

void add_batch(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("batch", "Queue many tasks in one request: all of them or none.");
    const auto file = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("file", *file, "JSON as POST /api/v1/tasks/batch takes it; - for stdin.")
        ->required()
        ->type_name("FILE");
    add_server_flags(*command, context);
    command->callback([&context, file] {
        context.command = [&context, file] {
            auto json = read_input(*file);
            if (!json) return context.fail(json.error());
            return run_api_command(context, {.method = Method::post,
                                             .path = "/api/v1/tasks/batch",
                                             .json = std::move(*json),
                                             .as_text = message_text});
        };
    });
}

void add_update(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("update", "Change a task. Only what is given changes.");
    const auto arguments = std::make_shared<TaskArguments>();
    command->fallthrough();
    command->add_option("id", arguments->id, "Id of the task.")->required()->type_name("ID");
    add_text(*command, *arguments, "--target", "url", "URL to call.", "URL");
    add_task_flags(*command, *arguments);
    add_server_flags(*command, context);
    command->callback([&context, arguments] {
        context.command = [&context, arguments] {
            return send_task(context, *arguments, Method::put, task_path(arguments->id));
        };
    });
}

/// Errors: `invalid` for metadata that is not name=value.
Result<std::string> task_query(const TaskFilters& filters) {
    std::vector<std::pair<std::string, std::string>> parameters{
        {"queue", filters.queue}, {"type", filters.type},       {"status", filters.status},
        {"name~", filters.name},  {"purpose", filters.purpose}, {"order", filters.order},
        {"limit", filters.limit}, {"offset", filters.offset},   {"cursor", filters.cursor}};
    if (filters.system) parameters.emplace_back("system", "true");
    for (const auto& tag : filters.tags) parameters.emplace_back("tag", tag);
    for (const auto& pair : filters.metadata) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{ErrorKind::invalid, fmt::format("--metadata must be name=value, not \"{}\"", pair)};
        parameters.emplace_back("metadata." + pair.substr(0, equals), pair.substr(equals + 1));
    }
    return query_text(parameters);
}

void add_list(CLI::App& noun, CliContext& context) {
    auto* command = noun.add_subcommand("list", "List tasks, the latest first.");
    const auto filters = std::make_shared<TaskFilters>();
    command->fallthrough();
    command->add_option("--queue", filters->queue, "Only this queue; none: without queue.")->type_name("NAME");
    command->add_option("--type", filters->type, "Only these.")
        ->check(CLI::IsMember({"once", "cron"}).description(""))
        ->type_name("once|cron");
    command->add_option("--status", filters->status, "Only with this status of the last execution.")
        ->type_name("STATUS");
    command->add_option("--name", filters->name, "Only with this text in the name.")->type_name("TEXT");
    command->add_option("--tag", filters->tags, "Only with this tag; may be repeated.")
        ->type_name("TAG")
        ->expected(1)
        ->take_all();
    command->add_option("--metadata", filters->metadata, "Only with this in the metadata, name=value; may be repeated.")
        ->type_name("NAME=VALUE")
        ->expected(1)
        ->take_all();
    command->add_flag("--system", filters->system, "What Punkt did itself: callbacks, notices, event webhooks.");
    command->add_option("--purpose", filters->purpose, "The same of one kind.")
        ->check(CLI::IsMember({"callback", "on_failure", "on_recovery", "notice", "event"}).description(""))
        ->type_name("PURPOSE");
    command->add_option("--order", filters->order, "By creation instead of by the last run.")
        ->check(CLI::IsMember({"newest"}).description(""))
        ->type_name("newest");
    command->add_option("--limit", filters->limit, "How many; at most 100.")->type_name("N");
    command->add_option("--offset", filters->offset, "How many to pass over.")->type_name("N");
    command->add_option("--cursor", filters->cursor, "Go on after an earlier list.")->type_name("CURSOR");
    add_server_flags(*command, context);
    command->callback([&context, filters] {
        context.command = [&context, filters] {
            auto query = task_query(*filters);
            if (!query) return context.fail(query.error(), exit_code::usage);
            return run_api_command(context, {.path = "/api/v1/tasks" + *query, .as_text = tasks_text});
        };
    });
}

void add_by_id(CLI::App& noun, CliContext& context, const char* verb, const char* help,
               std::function<ApiCommand(const std::string& id)> make) {
    auto* command = noun.add_subcommand(verb, help);
    const auto id = std::make_shared<std::string>();
    command->fallthrough();
    command->add_option("id", *id, "Id of the task.")->required()->type_name("ID");
    add_server_flags(*command, context);
    command->callback([&context, id, make = std::move(make)] {
        context.command = [&context, id, make] { return run_api_command(context, make(*id)); };
    });
}

}  // namespace

void add_task_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("task", "Queue, look up and change tasks.");
    noun->require_subcommand(1)->fallthrough();
    add_create(*noun, context);
    add_batch(*noun, context);
    add_list(*noun, context);
    add_by_id(*noun, context, "get", "Print a task.",
              [](const std::string& id) { return ApiCommand{.path = task_path(id), .as_text = created_text}; });
    add_update(*noun, context);
    add_by_id(*noun, context, "delete", "Delete a task; what is running finishes.", [](const std::string& id) {
        return ApiCommand{.method = Method::delete_, .path = task_path(id), .as_text = message_text};
    });
    add_by_id(
        *noun, context, "explain", "Say why a task has not run yet, or what became of it.",
        [](const std::string& id) { return ApiCommand{.path = task_path(id) + "/explain", .as_text = created_text}; });
    add_by_id(*noun, context, "trigger", "Run a task now, beside its schedule.", [](const std::string& id) {
        return ApiCommand{.method = Method::post, .path = task_path(id) + "/trigger", .as_text = created_text};
    });
}

}  // namespace punkt::app

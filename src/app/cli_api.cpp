#include "app/cli_api.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>

#include "app/saved_key.h"
#include "app/text_table.h"
#include "base/text.h"

namespace punkt::app {

std::string server_url(const CliContext& context, const Config& config) {
    if (!context.url.empty()) return context.url;
    std::string named = context.environment("PUNKT_URL");
    if (!named.empty()) return named;
    std::string host = config.server.address;
    if (host == "0.0.0.0") host = "127.0.0.1";  // listens everywhere, so here too
    if (host == "::") host = "::1";
    const bool is_v6 = host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", config.server.port);
}

std::string client_key(const CliContext& context, const Config& config) {
    std::string named = context.environment("PUNKT_API_KEY");
    if (!named.empty()) return named;
    return saved_key(config.data.directory);
}

int run_api_command(const CliContext& context, ApiCommand command) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    return run_api_command(context, *config, client_key(context, *config), std::move(command));
}

namespace {

/// How the rest of a long list is reached.
void tell_of_more(const CliContext& context, json::Value answer) {
    if (answer["has_more"].boolean() != true) return;
    if (const auto cursor = answer["next_cursor"].string())
        fmt::print(context.terminal.err, "There is more: --cursor {}\n", *cursor);
    else
        fmt::print(
            context.terminal.err, "There is more: --offset {}\n",
            answer["offset"].integer().value_or(0) + static_cast<std::int64_t>(answer["data"].elements().size()));
}

}  // namespace

int run_api_command(const CliContext& context, const Config& config, const std::string& key, ApiCommand command) {
    auto client = ApiClient::create(server_url(context, config), key, config.client.ca_file);
    if (!client) return context.fail(client.error(), exit_code::usage);
    auto answer = client->call(command.method, command.path, std::move(command.json));
    if (!answer) return context.fail(answer.error(), exit_code::unreachable);
    if (answer->status >= 300) {
        Error error = error_from(*answer);
        if (answer->status == 401 && key.empty())
            error.message += "; no key was sent: set PUNKT_API_KEY, or --data-directory to the server's data directory";
        return context.fail(error);
    }
    if (answer->body.empty()) {
        if (!context.is_json()) fmt::print(context.terminal.err, "done\n");
        return exit_code::ok;
    }
    auto document = json::Document::parse(answer->body);
    if (!document)
        return context.fail({ErrorKind::internal,
                             fmt::format("{} did not answer with JSON: {}", client->url(), document.error().message)});
    fmt::print(context.terminal.out, "{}", context.is_json() ? answer->body + "\n" : command.as_text(document->root()));
    if (!context.is_json()) tell_of_more(context, document->root());
    return command.exit_code_of ? command.exit_code_of(document->root()) : exit_code::ok;
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string out;
    for (const auto& [name, value] : parameters)
        if (!value.empty())
            out += fmt::format("{}{}={}", out.empty() ? '?' : '&', percent_encoded(name), percent_encoded(value));
    return out;
}

std::string cell_text(json::Value value) {
    if (value.is_nothing()) return {};
    const auto text = value.string();
    return text ? std::string(*text) : value.text();
}

std::string object_text(json::Value object) {
    std::string out;
    std::size_t width = 0;
    for (const auto& [name, value] : object.members()) width = std::max(width, name.size());
    for (const auto& [name, value] : object.members()) {
        const std::string line = fmt::format("{:{}}  {}", name, width, cell_text(value));
        out += std::string(trimmed(line)) + "\n";
    }
    return out;
}

std::string list_text(json::Value list, const std::vector<std::string>& members) {
    std::vector<std::string> header;
    for (const auto& member : members) {
        header.push_back(upper_case(member));
        std::replace(header.back().begin(), header.back().end(), '_', ' ');
    }
    TextTable table(std::move(header));
    for (const auto element : list.elements()) {
        std::vector<std::string> row;
        for (const auto& member : members) row.push_back(cell_text(element[member]));
        table.add(std::move(row));
    }
    return table.text();
}

Result<void> write_field(json::Writer& writer, const std::string& field) {
    const auto equals = field.find('=');
    if (equals == std::string::npos || equals == 0)
        return Error{ErrorKind::invalid, fmt::format("--field must be name=value, not \"{}\"", field)};
    const std::string value = field.substr(equals + 1);
    writer.key(field.substr(0, equals));
    if (json::Document::parse(value))
        writer.raw(value);
    else
        writer.string(value);
    return {};
}

std::string message_text(json::Value answer) { return cell_text(answer["message"]) + "\n"; }

}  // namespace punkt::app

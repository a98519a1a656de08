// punkt doctor: finds what would go wrong, before it does.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/doctor.h"
#include "app/text_table.h"

namespace punkt::app {
namespace {

Finding examine_server(const CliContext& context, const Config& config) {
    const std::string url = server_url(context, config);
    auto client = ApiClient::create(url, "", config.client.ca_file);
    if (!client) return {Finding::Level::fail, "server", client.error().message};
    auto answer = client->call(Method::get, "/health");
    if (!answer) return {Finding::Level::warn, "server", answer.error().message};
    if (answer->status != 200)
        return {Finding::Level::fail, "server",
                fmt::format("{}/health answered {}: {}", url, answer->status, answer->body)};
    return {Finding::Level::ok, "server", url + " answers"};
}

int examine(const CliContext& context) {
    std::vector<Finding> findings;
    auto config = context.configuration();
    if (!config) {
        findings.push_back({Finding::Level::fail, "configuration", config.error().message});
    } else {
        findings.push_back({Finding::Level::ok, "configuration", config->file.empty() ? "no file" : config->file});
        for (const auto& notice : config->notices) findings.push_back({Finding::Level::warn, "configuration", notice});
        for (auto& finding : examine_machine(*config)) findings.push_back(std::move(finding));
        findings.push_back(examine_server(context, *config));
    }
    TextTable table({"", "WHAT", "DETAIL"});
    json::Writer writer;
    writer.begin_array();
    int code = exit_code::ok;
    for (const auto& finding : findings) {
        table.add({word(finding.level), finding.what, finding.detail});
        writer.begin_object().key("level").string(word(finding.level)).key("what").string(finding.what);
        writer.key("detail").string(finding.detail).end_object();
        if (finding.level == Finding::Level::fail) code = exit_code::failed;
    }
    writer.end_array();
    constexpr std::size_t cell_max = 500;
    fmt::print(context.terminal.out, "{}", context.is_json() ? writer.take() + "\n" : table.text(cell_max));
    return code;
}

}  // namespace

void add_doctor_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("doctor", "Check configuration, data, machine and server; say what to do.");
    command->fallthrough();
    add_setting_flags(*command, context);
    command->add_option("--url", context.url, "Address of the server.")->type_name("URL");
    command->callback([&context] { context.command = [&context] { return examine(context); }; });
}

}  // namespace punkt::app

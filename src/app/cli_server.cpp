// punkt serve and punkt dev: run a node until a signal comes.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <mutex>
#include <ostream>

#include "app/cli_context.h"
#include "app/dev_receiver.h"
#include "app/node.h"
#include "app/process.h"
#include "app/saved_key.h"
#include "app/version.h"
#include "base/log.h"

namespace punkt::app {
namespace {

log::Level log_level(const Config& config) {
    if (config.log.level == "debug") return log::Level::debug;
    if (config.log.level == "warn") return log::Level::warn;
    if (config.log.level == "error") return log::Level::error;
    return log::Level::info;
}

int exit_code_of(const Error& error) {
    if (error.kind == ErrorKind::invalid) return exit_code::config;
    if (error.kind == ErrorKind::internal || error.kind == ErrorKind::full) return exit_code::internal;
    return exit_code::failed;
}

std::string base_url(const Config& config, std::uint16_t port) {
    const std::string& address = config.server.address;
    const bool is_v6 = address.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", port);
}

/// Once, beside the log: logs are kept, and this must not be.
void show_first_key(const CliContext& context, const Config& config, const std::string& key) {
    fmt::print(
        context.terminal.err,
        "\nThis is the first start. Your key, shown only now:\n\n    {}\n\nThe command line on this machine finds it "
        "in {}.\n\n",
        key, saved_key_path(config.data.directory));
}

void show_dev_welcome(const CliContext& context, const Config& config, std::uint16_t port,
                      std::uint16_t receiver_port) {
    const std::string key = saved_key(config.data.directory);
    const std::string url = base_url(config, port);
    fmt::print(
        context.terminal.out,
        "Punkt {} for development on {}\n\n  data      {}\n  key       {}\n  receiver  http://127.0.0.1:{} (shows "
        "each delivery below)\n\nQueue a first task from another terminal:\n\n  curl -X POST {}/api/v1/tasks -H "
        "'authorization: Bearer {}' -H 'content-type: application/json' -d '{{\"url\":\"http://127.0.0.1:{}/hello\","
        "\"body\":{{\"hello\":\"world\"}}}}'\n\nCtrl-C stops.\n\n",
        punkt_version(), url, config.data.directory, key.empty() ? "(your master key)" : key, receiver_port, url,
        key.empty() ? "$PUNKT_MASTER_KEY" : key, receiver_port);
    context.terminal.out.flush();
}

/// Waits for the signal and stops.
int run_until_signal(StopSignals& signals, const Config& config, Node& node) {
    const std::string signal = signals.wait();
    const auto grace = std::chrono::seconds(config.server.drain_seconds);
    log::info("{}: finishing what is under way, at most {} s; once more stops at once", signal, grace.count());
    const bool drained = node.stop(grace);
    if (!drained) log::warn("the time is over; what was cut off runs again after the next start");
    log::info("stopped");
    return exit_code::ok;
}

Result<std::unique_ptr<Node>> start_node(const Config& config) {
    log::configure(log_level(config), config.log.format == "json" ? log::Format::json : log::Format::text);
    for (const auto& notice : config.notices) log::warn("{}", notice);
    const auto files = raise_open_file_limit();
    log::debug("at most {} open files", files);
    auto node = Node::create(config);
    if (!node) return node;
    (*node)->start();
    log::info("punkt {} listens on {}, data in {}", punkt_version(), base_url(config, (*node)->port()),
              config.data.directory);
    return node;
}

int serve(const CliContext& context) {
    auto config = context.configuration();
    if (!config) return context.fail(config.error(), exit_code::config);
    StopSignals signals;
    auto node = start_node(*config);
    if (!node) return context.fail(node.error(), exit_code_of(node.error()));
    const std::string key = (*node)->first_key();
    if (!key.empty()) show_first_key(context, *config, key);
    return run_until_signal(signals, *config, **node);
}

int dev(const CliContext& context) {
    // The receiver is on loopback, which a server in production must not call.
    auto config = context.configuration({{"allow_private_targets", "127.0.0.0/8,::1/128"}});
    if (!config) return context.fail(config.error(), exit_code::config);
    StopSignals signals;
    auto& out = context.terminal.out;
    const auto beside = static_cast<std::uint16_t>(
        config->server.port == 0 || config->server.port == 65'535 ? 0 : config->server.port + 1);
    auto receiver = DevReceiver::create(beside, [&out](const std::string& delivery) { out << delivery << std::flush; });
    if (!receiver) return context.fail(receiver.error(), exit_code_of(receiver.error()));
    auto node = start_node(*config);
    if (!node) return context.fail(node.error(), exit_code_of(node.error()));
    (*receiver)->start();
    show_dev_welcome(context, *config, (*node)->port(), (*receiver)->port());
    const int code = run_until_signal(signals, *config, **node);
    (*receiver)->stop();
    return code;
}

void add_command(CLI::App& root, CliContext& context, const char* name, const char* help,
                 int (*run)(const CliContext&)) {
    auto* command = root.add_subcommand(name, help);
    command->fallthrough();
    add_setting_flags(*command, context);
    command->callback([&context, run] { context.command = [&context, run] { return run(context); }; });
}

}  // namespace

void add_server_commands(CLI::App& root, CliContext& context) {
    add_command(root, context, "serve", "Run the server until SIGTERM or Ctrl-C; then finish what is under way.",
                serve);
    add_command(root, context, "dev",
                "Run the server for development: tasks may call this machine, and a sample receiver shows deliveries.",
                dev);
}

}  // namespace punkt::app

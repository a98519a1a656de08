#include "app/dev_receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/json.h"

namespace punkt::app {
namespace {

constexpr std::size_t shown_body_bytes_max = 2'048;
constexpr std::size_t body_bytes_max = 64 * 1024 * 1024;

bool is_ours(std::string_view header) {
    return header.starts_with("punkt-") || header.starts_with("x-runlater-") || header.starts_with("webhook-") ||
           header == "content-type" || header == "user-agent";
}

/// One line for a terminal: bytes that it would obey become dots.
std::string printable(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F; },
        '.');
    return out;
}

Async<net::HttpReply> receive(std::function<void(const std::string&)> show, net::HttpRequest request) {
    show(shown_delivery(request));
    co_return answer_delivery(request);
}

int wanted_status(std::string_view query) {
    constexpr std::string_view name = "status=";
    const auto at = query.find(name);
    if (at == std::string_view::npos || (at > 0 && query[at - 1] != '&')) return 200;
    int status = 0;
    const auto value = query.substr(at + name.size());
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), status);
    return problem == std::errc{} && status >= 200 && status <= 599 ? status : 200;
}

}  // namespace

std::string shown_delivery(const net::HttpRequest& request) {
    std::string out = fmt::format("--> {} {}{}{}\n", printable(request.method), printable(request.path),
                                  request.query.empty() ? "" : "?", printable(request.query));
    for (const auto& [name, value] : request.headers)
        if (is_ours(name)) fmt::format_to(std::back_inserter(out), "    {}: {}\n", name, printable(value));
    if (request.body.empty()) return out;
    const bool is_cut = request.body.size() > shown_body_bytes_max;
    fmt::format_to(std::back_inserter(out), "    {}{}\n", printable(request.body.substr(0, shown_body_bytes_max)),
                   is_cut ? fmt::format("… ({} bytes)", request.body.size()) : "");
    return out;
}

net::HttpReply answer_delivery(const net::HttpRequest& request) {
    json::Writer writer;
    writer.begin_object().key("received").begin_object();
    writer.key("method").string(request.method);
    writer.key("path").string(request.path);
    writer.key("body_bytes").integer(static_cast<std::int64_t>(request.body.size()));
    writer.end_object().end_object();
    return {.status = wanted_status(request.query), .body = writer.take()};
}

Result<std::unique_ptr<DevReceiver>> DevReceiver::create(std::uint16_t port,
                                                         std::function<void(const std::string&)> show) {
    const net::HttpHandler handler = [show = std::move(show)](net::HttpRequest request) {
        return receive(show, std::move(request));
    };
    const net::ServerOptions options{.address = "127.0.0.1", .port = port, .body_bytes_max = body_bytes_max};
    auto server = net::HttpServer::create(options, handler);
    if (!server && port != 0) {
        net::ServerOptions anywhere = options;
        anywhere.port = 0;
        server = net::HttpServer::create(anywhere, handler);
    }
    if (!server) return server.error();
    std::unique_ptr<DevReceiver> receiver(new DevReceiver());
    receiver->server_ = std::move(*server);
    return receiver;
}

}  // namespace punkt::app

#include "tests/wire/house.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "app/config.h"
#include "base/json.h"
#include "core/delivery.h"

namespace punkt::wire {
namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds pause_between_looks{5};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return text;
}

/// "name: value\r\n…" as a list.
void read_headers(std::string_view head, Message& message) {
    for (auto from = head.find("\r\n"); from != head.npos && from + 2 < head.size();) {
        const auto to = head.find("\r\n", from + 2);
        const std::string_view line = head.substr(from + 2, to == head.npos ? to : to - from - 2);
        from = to;
        const auto colon = line.find(": ");
        if (colon == line.npos) continue;
        message.headers.emplace_back(lower(std::string(line.substr(0, colon))), line.substr(colon + 2));
    }
}

bool has(const Message& message, std::string_view name) {
    return std::any_of(message.headers.begin(), message.headers.end(),
                       [&](const auto& each) { return lower(each.first) == name; });
}

/// "503 with retry-after: 1 with body …", "hangs", "closes", "resets"
Result<testing::Script> answer_of(std::string_view text) {
    if (text == "hangs") return testing::Script().hang();
    if (text == "closes") return testing::Script().close();
    if (text == "resets") return testing::Script().reset();
    int status = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), status);
    if (problem != std::errc{}) return Error{ErrorKind::invalid, fmt::format("'{}' is no answer of a receiver", text)};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::string headers, body;
    constexpr std::string_view with = " with ", with_body = "body ";
    while (text.starts_with(with)) {
        text.remove_prefix(with.size());
        const bool is_body = text.starts_with(with_body);
        const auto stop = is_body ? text.size() : std::min(text.find(with), text.size());
        if (is_body)
            body = text.substr(with_body.size());
        else
            headers += std::string(text.substr(0, stop)) + "\r\n";
        text.remove_prefix(stop);
    }
    return testing::Script::answer(status, body, headers);
}

}  // namespace

std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

bool until(const std::function<bool()>& done) {
    const SystemClock clock;
    const auto end = clock.elapsed() + patience;
    while (!done()) {
        if (clock.elapsed() > end) return false;
        ::poll(nullptr, 0, static_cast<int>(pause_between_looks.count()));
    }
    return true;
}

std::string header(const Message& message, std::string_view name) {
    for (const auto& [each, value] : message.headers)
        if (each == name) return value;
    return {};
}

Result<std::unique_ptr<House>> House::create(const std::vector<std::pair<std::string, std::string>>& settings) {
    std::unique_ptr<House> house(new House());
    house->memory_.set("target", house->receiver_.url(""));
    house->memory_.set("elsewhere", house->elsewhere_.url(""));
    house->memory_.set("target.host", fmt::format("127.0.0.1:{}", house->receiver_.port()));
    const std::string closed = fmt::format("127.0.0.1:{}", free_port());
    house->memory_.set("closed.host", closed);
    house->memory_.set("closed", "http://" + closed);
    house->memory_.set("master", master_key);
    house->memory_.set("version", PUNKT_VERSION);
    app::ConfigSources sources;
    sources.defaults = {{"server.port", "0"},       {"data.directory", house->folder_.path("data")},
                        {"master_key", master_key}, {"allow_private_targets", "1"},
                        {"retry.base_ms", "5"},     {"server.threads", "1"}};
    sources.flags = settings;
    for (auto& [name, value] : sources.flags) {
        auto filled = house->memory_.fill(value == "{{free-port}}" ? fmt::format("{}", free_port()) : value, {});
        if (!filled) return filled.error();
        value = *filled;
    }
    const auto config = app::load_config(sources);
    if (!config) return config.error();
    auto node = app::Node::create(*config);
    if (!node) return node.error();
    house->node_ = std::move(*node);
    house->node_->start();
    house->memory_.set("first_key", house->node_->first_key());
    house->memory_.set("punkt", fmt::format("http://127.0.0.1:{}", house->node_->port()));
    house->memory_.set("tiktak_port", fmt::format("{}", config->tiktak.port));
    if (config->master_key.empty() || !config->qron.enabled) return house;
    if (auto cast = house->make_cast(); !cast) return cast.error();
    return house;
}

House::~House() {
    if (node_) node_->stop(Milliseconds{0});
}

Result<void> House::make_cast() {
    for (const std::string name : {"alice", "bob"}) {
        const auto made =
            call({.first = "POST /auth/keys", .body = fmt::format(R"({{"client":"{}"}})", name)}, "master");
        const auto key = json::Document::parse(made.body);
        if (!key || made.first != "201") return Error{ErrorKind::internal, "no key for " + name + ": " + made.body};
        memory_.set(name + ".single", std::string(key->root()["apiKey"].string().value_or("")));
        memory_.set(name + ".webhook_secret", std::string(key->root()["webhook_secret"].string().value_or("")));
        memory_.set(name, *memory_.fill("{{" + name + ".single}}", {}));
        // Native callers have keys of two halves.
        const auto paired = call({.first = "POST /api/v1/keys", .body = R"({"name":"the pair"})"}, name);
        const auto pair = json::Document::parse(paired.body);
        if (!pair || paired.first != "201")
            return Error{ErrorKind::internal, "no pair for " + name + ": " + paired.body};
        memory_.set(name, std::string(pair->root()["data"]["key"].string().value_or("")));
    }
    return {};
}

Message House::call(const Message& message, std::string_view caller, std::uint16_t port) {
    if (port == 0) port = node_->port();
    std::string text = message.first + " HTTP/1.1\r\n";
    for (const auto& [name, value] : message.headers)
        if (value != "{{absent}}") text += fmt::format("{}: {}\r\n", name, value);
    if (!has(message, "host")) text += fmt::format("host: 127.0.0.1:{}\r\n", port);
    if (!has(message, "content-length") && (!message.body.empty() || message.first.starts_with("P")))
        text += fmt::format("content-length: {}\r\n", message.body.size());
    if (!has(message, "content-type") && !message.body.empty()) text += "content-type: application/json\r\n";
    if (caller != "none" && !has(message, "authorization"))
        text +=
            fmt::format("authorization: Bearer {}\r\n", memory_.fill(fmt::format("{{{{{}}}}}", caller), {}).value());
    testing::RawSocket socket(port);
    socket.send(text + "\r\n" + message.body);
    const auto reply = socket.receive(message.first.starts_with("HEAD "));
    Message answer{.first = fmt::format("{}", reply.status), .body = reply.body};
    read_headers(reply.head, answer);
    return answer;
}

Result<void> House::script_receiver(const std::string& line, bool elsewhere) {
    constexpr std::string_view answers = " answers ", then = " then ";
    const auto filled = memory_.fill(line, clock_.now());
    if (!filled) return filled.error();
    const auto at = filled->find(answers);
    if (at == std::string::npos)
        return Error{ErrorKind::invalid, "a receiver is described as \"/path answers 503 then 200\""};
    std::vector<testing::Script> scripts;
    std::string_view rest = std::string_view(*filled).substr(at + answers.size());
    while (!rest.empty()) {
        const auto end = std::min(rest.find(then), rest.size());
        auto answer = answer_of(rest.substr(0, end));
        if (!answer) return answer.error();
        scripts.push_back(std::move(*answer));
        rest.remove_prefix(std::min(end + then.size(), rest.size()));
    }
    (elsewhere ? elsewhere_ : receiver_).on(filled->substr(0, at), std::move(scripts));
    return {};
}

std::vector<testing::RawServer::Seen> House::received(const std::string& path) const {
    std::vector<testing::RawServer::Seen> all;
    for (const auto* server : {&receiver_, &elsewhere_})
        for (auto& seen : server->seen())
            if (seen.target.substr(0, seen.target.find('?')) == path) all.push_back(std::move(seen));
    return all;
}

std::size_t House::received_count(const std::string& path) const { return received(path).size(); }

std::optional<Message> House::take_received(const std::string& path) {
    std::vector<testing::RawServer::Seen> all;
    std::size_t& taken = taken_[path];
    if (!until([&] { return (all = received(path)).size() > taken; })) return std::nullopt;
    const auto& seen = all[taken++];
    Message request{.first = seen.method + " " + seen.target, .body = seen.body};
    read_headers(seen.head, request);
    for (const char* name : {"alice", "bob", "rotated"}) remember_signatures(name, request);
    return request;
}

void House::remember_signatures(const std::string& name, const Message& request) {
    const auto secret = memory_.fill("{{" + name + ".webhook_secret}}", {});
    if (!secret) return;
    std::int64_t seconds = 0;
    const std::string timestamp = header(request, "webhook-timestamp");
    std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    memory_.set(name + ".signature", runlater_signature(*secret, request.body));
    memory_.set(name + ".webhook_signature",
                standard_signature(*secret, header(request, "webhook-id"), seconds, request.body));
}

}  // namespace punkt::wire

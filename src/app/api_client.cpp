#include "app/api_client.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "base/json.h"
#include "core/url.h"
#include "net/http_client.h"

namespace punkt::app {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

/// Waits for the one answer that is out.
class Waiter final : public net::AnswerSink {
  public:
    void answered(std::vector<Answer> answers) override {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answers.back());
        came_.notify_one();
    }
    Answer wait() {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return answer_.has_value(); });
        return *std::exchange(answer_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::optional<Answer> answer_;
};

}  // namespace

struct ApiClient::Impl {
    std::string url;  // without a slash at its end
    std::string key;
    Waiter waiter;
    std::unique_ptr<net::HttpClient> client;
};

ApiClient::ApiClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;

ApiClient::~ApiClient() {
    if (impl_ && impl_->client) impl_->client->stop(Milliseconds{0});
}

Result<ApiClient> ApiClient::create(std::string url, std::string key, std::string ca_file) {
    while (!url.empty() && url.back() == '/') url.pop_back();
    auto parsed = parse_url(url);
    if (!parsed)
        return Error{ErrorKind::invalid, fmt::format("the server's address \"{}\" {}", url, parsed.error().message)};
    auto everything = net::AddressGuard::create("all");
    if (!everything) return everything.error();
    auto impl = std::make_unique<Impl>();
    impl->url = std::move(url);
    impl->key = std::move(key);
    net::ClientOptions options;
    options.dns_threads = 1;
    options.ca_file = std::move(ca_file);
    options.guard = std::move(*everything);
    auto client = net::HttpClient::create(options, impl->waiter);
    if (!client) return client.error();
    impl->client = std::move(*client);
    return ApiClient(std::move(impl));
}

const std::string& ApiClient::url() const { return impl_->url; }

Result<ApiAnswer> ApiClient::call(Method method, std::string_view path, std::optional<std::string> json,
                                  const Headers& headers, Milliseconds timeout) {
    Request request;
    request.method = method;
    request.url = impl_->url + std::string(path);
    request.timeout = timeout;
    request.body_bytes_max = answer_bytes_max;
    request.redirects_max = 0;
    request.headers = {{"accept", "application/json"}, {"user-agent", "punkt-cli/" PUNKT_VERSION}};
    if (!impl_->key.empty()) request.headers.emplace_back("authorization", "Bearer " + impl_->key);
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    if (json) {
        request.headers.emplace_back("content-type", "application/json");
        request.body = std::make_shared<const std::string>(std::move(*json));
    }
    std::vector<Request> requests;
    requests.push_back(std::move(request));
    impl_->client->send(std::move(requests));
    Answer answer = impl_->waiter.wait();
    if (answer.failure != Failure::none || !answer.status)
        return Error{ErrorKind::unavailable,
                     fmt::format("no answer from {}: {}. Is `punkt serve` running?", impl_->url, answer.error)};
    return ApiAnswer{.status = *answer.status, .body = std::move(answer.body)};
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '.' || c == '_' || c == '~';
        if (is_plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

namespace {

void add_details(json::Value details, Error& error) {
    for (const auto& [field, messages] : details.members())
        for (const auto& message : messages.elements())
            error.fields.push_back({std::string(field), std::string(message.string().value_or(message.text()))});
}

}  // namespace

Error error_from(const ApiAnswer& answer) {
    Error error{ErrorKind::invalid, fmt::format("the server answered {}", answer.status)};
    if (answer.status == 401) error.kind = ErrorKind::unauthorized;
    if (answer.status == 404) error.kind = ErrorKind::not_found;
    if (answer.status >= 500) error.kind = ErrorKind::internal;
    auto document = json::Document::parse(answer.body);
    if (!document) return error;
    const json::Value root = document->root(), inner = root["error"];
    for (const json::Value candidate : {inner["message"], root["message"], inner, root["errors"]["detail"]})
        if (const auto text = candidate.string()) {
            error.message = fmt::format("{} ({})", *text, answer.status);
            break;
        }
    if (inner["code"].string() == "validation_error" && inner["message"].is_nothing())
        error.message = fmt::format("the request was refused ({})", answer.status);
    add_details(inner["details"], error);
    return error;
}

}  // namespace punkt::app

// The HTTP client of the command line: one request at a time to a running Punkt. Blocking.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/task.h"

namespace punkt::app {

struct ApiAnswer {
    int status = 0;
    std::string body;
};

class ApiClient {
  public:
    /// `url`: "http://127.0.0.1:4000". `ca_file` empty: the system's certificates.
    /// Errors: `invalid` when it is no HTTP URL, or the certificates cannot be read.
    static Result<ApiClient> create(std::string url, std::string key, std::string ca_file = {});
    ~ApiClient();
    ApiClient(ApiClient&&) noexcept;
    ApiClient& operator=(ApiClient&&) noexcept;

    static constexpr Milliseconds timeout_default{30'000};
    /// Any status is an answer. `headers` come beside those that every call has. Errors: `unavailable` when none came
    /// in time.
    Result<ApiAnswer> call(Method method, std::string_view path, std::optional<std::string> json = std::nullopt,
                           const Headers& headers = {}, Milliseconds timeout = timeout_default);
    const std::string& url() const;

  private:
    struct Impl;
    explicit ApiClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// "a b&c" as part of a URL's path or query.
std::string percent_encoded(std::string_view text);

/// The sentence in an error answer, whatever surface it came from, with its field errors.
Error error_from(const ApiAnswer& answer);

}  // namespace punkt::app

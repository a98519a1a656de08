// One attempt to call a URL, as data: what goes out and what comes back. net/transport.h moves it, core/delivery.h
// makes it, core/verdict.h judges it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/execution.h"
#include "core/limits.h"
#include "core/task.h"

namespace punkt {

/// One attempt. `head` values are already free of CR and LF (core/task_rules checks at intake).
struct Request {
    std::uint64_t ticket = 0;  // the caller's; comes back with the answer
    Method method = Method::post;
    std::string url;       // absolute http or https URL, already normalised by core/url
    Headers headers = {};  // in order; Host, Content-Length and Connection are added by the transport
    std::shared_ptr<const std::string> body = nullptr;  // nothing: no body and no Content-Length
    Milliseconds timeout{30000};                        // total deadline: DNS, connect, TLS, all hops, whole body
    std::size_t body_bytes_max = limits::response_stored_bytes;  // of the answer that are kept; the rest is not read
    int redirects_max = limits::redirects_max;                   // 0: a 3xx is the answer
    bool redirect_any_method = false;  // follow 301–303 for methods other than GET and HEAD (turns POST into GET)
    /// Header names (lower case) that are dropped when a redirect changes the origin.
    std::vector<std::string> origin_bound = {"authorization", "cookie"};
};

/// Why no usable HTTP answer came.
enum class Failure : std::uint8_t {
    none,        // `status` is set
    timeout,     // the total deadline passed
    dns,         // name not found, or the resolver failed
    blocked,     // the address guard refused the address
    connect,     // refused, unreachable, reset while connecting
    tls,         // handshake or certificate
    connection,  // reset or closed before the whole answer came
    protocol,    // not HTTP, or beyond a limit (header bytes, redirects)
    redirect,    // a 301–303 that the method must not follow; `status` is set too
    cancelled,   // the transport is closing
};

struct Answer {
    std::uint64_t ticket = 0;
    Failure failure = Failure::none;
    std::string error = {};  // a sentence for the failure: "connection refused by 127.0.0.1:9"
    std::optional<int> status = std::nullopt;
    std::string request_head = {};   // of the last hop, as sent
    std::string response_head = {};  // status line and headers as received, at most 64 KB
    std::string body = {};           // at most body_bytes_max
    bool body_truncated = false;
    std::string address = {};  // ip:port of the last hop
    Timings timings = {};
    std::optional<std::string> retry_after = std::nullopt;  // header values the verdict needs, raw
    bool no_retry = false;                                  // `punkt-no-retry: 1` was sent
};

}  // namespace punkt

// The HTTP server: bytes become a Request, a Reply becomes bytes. Boost.Beast's parser on Asio coroutines, one
// io_context per thread, SO_REUSEPORT, one coarse deadline wheel per thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/result.h"

namespace punkt::net {

/// One HTTP request, whole. Strings own their bytes.
struct HttpRequest {
    std::string method;   // "POST"
    std::string path;     // still percent-encoded, without query: "/api/v1/tasks"
    std::string query;    // without '?'
    std::vector<std::pair<std::string, std::string>> headers;  // names lower case, in order of arrival
    std::string body;
    std::string peer;     // "127.0.0.1"

    /// The first value of that (lower-case) name; nothing when absent.
    std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpReply {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";  // empty: none
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    bool close = false;   // end the connection after this answer
};

/// Threads: called on an io thread; suspends instead of blocking. Must not throw.
using HttpHandler = std::function<Async<HttpReply>(HttpRequest)>;

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 4000;                 // 0: any free one, see HttpServer::port()
    int threads = 1;
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t headers_max = 100;
    std::size_t body_bytes_max = 256 * 1024 + 64 * 1024;  // room for the JSON around a body of 256 KB
    int connections_max = 10'000;
    std::chrono::milliseconds header_deadline{10'000};     // first byte of a request until its headers are complete
    std::chrono::milliseconds idle_deadline{60'000};       // keep-alive without a request
    std::size_t body_rate_min = 1024;          // bytes per second, after the first 10 s of a body
};

class HttpServer {
  public:
    /// Binds and listens; a taken port is an `unavailable` error that names it. Nothing is served before start().
    static Result<std::unique_ptr<HttpServer>> create(ServerOptions options, HttpHandler handler);
    ~HttpServer();

    void start();
    std::uint16_t port() const;
    /// Accepts nothing new, answers what is being worked on with `connection: close`, and returns when all is answered
    /// or `grace` is over. Idle connections are closed at once.
    void stop(std::chrono::milliseconds grace);

    struct Statistics {
        std::uint64_t requests = 0, connections = 0, open = 0, refused = 0;
    };
    Statistics statistics() const;

  private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::net

// The HTTP server: bytes become a HttpRequest, a HttpReply becomes bytes. Own strict parser on Asio coroutines, one
// io_context per thread, SO_REUSEPORT, one coarse look at all deadlines per thread instead of a timer per operation.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/result.h"

namespace punkt::net {

/// One HTTP request, whole. Strings own their bytes.
struct HttpRequest {
    std::string method;                                        // "POST"
    std::string path;                                          // still percent-encoded, without query: "/api/v1/tasks"
    std::string query;                                         // without '?'
    std::vector<std::pair<std::string, std::string>> headers;  // names lower case, in order of arrival
    std::string body;
    std::string peer;  // "127.0.0.1"

    /// The first value of that (lower-case) name; nothing when absent.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// A body that is made while it is sent. The answer goes out chunked (to HTTP/1.0: until the connection ends), and the
/// connection ends with it. Destroyed when the answer is over, however it ended.
/// Threads: the connection's io thread.
class BodyStream {
  public:
    virtual ~BodyStream() = default;
    /// The next piece, waited for without blocking; nothing: that was all. Asked for only when the kernel has taken the
    /// piece before it, so a slow client holds the producer back.
    virtual Async<std::optional<std::string>> next() = 0;
    /// The client is gone or the server stops: next() must come to its end soon; a last word is allowed. Must not wait
    /// or resume anything before it returns. May be called more than once.
    virtual void close() = 0;
};

struct HttpReply {
    int status = 200;
    std::string content_type = "application/json; charset=utf-8";  // empty: none
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    bool close = false;                            // end the connection after this answer
    std::shared_ptr<BodyStream> stream = nullptr;  // sent instead of `body`; not for HEAD
};

/// Threads: called on an io thread; suspends instead of blocking. Must not throw (what it throws becomes a 500).
/// A HEAD request arrives as one; the body of its answer is not sent.
using HttpHandler = std::function<Async<HttpReply>(HttpRequest)>;

/// Words the server's own refusals: malformed requests (400), too large ones (413, 414, 431), too slow ones (408).
/// `so_far` is what had been understood of the request; the connection ends after the answer.
/// Threads: called on an io thread, many at once.
using HttpRefusal = std::function<HttpReply(const HttpRequest& so_far, int status, const std::string& reason)>;
/// {"error":{"code":"bad_request","message":reason}}
HttpReply refuse_as_json(const HttpRequest& so_far, int status, const std::string& reason);

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 4000;  // 0: any free one, see HttpServer::port()
    int threads = 1;
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t headers_max = 100;
    std::size_t target_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 256 * 1024 + 64 * 1024;  // room for the JSON around a body of 256 KB
    /// Paths whose bodies may be larger or must be smaller than that, with their bytes.
    std::vector<std::pair<std::string, std::size_t>> body_bytes_max_at = {};
    std::size_t bodies_bytes_max = 256 * 1024 * 1024;  // of all requests at once; beyond, 503 to the one that asks
    int connections_max = 10'000;  // more wait in the kernel; less if the process may not open as many files
    std::chrono::milliseconds header_deadline{10'000};  // first byte of a request until its headers are complete
    std::chrono::milliseconds idle_deadline{60'000};    // keep-alive without a request
    std::chrono::milliseconds body_grace{10'000};       // how long a body may be slower than
    std::size_t body_rate_min = 1024;                   // bytes per second
    std::chrono::milliseconds write_deadline{30'000};   // an answer of which nothing is taken
    std::chrono::milliseconds linger{1'000};            // after a refusal: time for the client to read it
    HttpRefusal refusal = refuse_as_json;
};

class HttpServer {
  public:
    /// Binds and listens; a taken port is an `unavailable` error that names it. Nothing is served before start().
    static Result<std::unique_ptr<HttpServer>> create(ServerOptions options, HttpHandler handler);
    ~HttpServer();

    void start();
    std::uint16_t port() const;
    /// Accepts nothing new, answers what is being worked on with `connection: close`, closes what is streamed, and
    /// returns when all is answered or `grace` is over. Idle connections are closed at once. Handlers that still wait
    /// are not resumed any more; the server must not be destroyed before what they wait for (the writer) has stopped
    /// too.
    void stop(std::chrono::milliseconds grace);

    struct Statistics {
        std::uint64_t requests = 0, connections = 0, open = 0;
        std::uint64_t refused = 0;  // answered by the server itself: malformed, too large, too slow
    };
    Statistics statistics() const;

  private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::net

// The HTTP client behind the Transport port: own connection pool, guarded addresses, total deadlines.
#pragma once

#include <memory>

#include "base/result.h"
#include "net/address_guard.h"
#include "net/transport.h"

namespace punkt::net {

struct ClientOptions {
    int threads = 1;
    int connections_per_host_max = 2'000;  // more wait for a free one
    int connections_max = 10'000;
    Milliseconds connect_timeout{10'000};  // contract: execution.md §5
    Milliseconds tls_timeout{5'000};       // reliability E10
    Milliseconds dns_timeout{5'000};
    Milliseconds dns_cache{10'000};  // how long a name's addresses are reused
    int dns_threads = 4;             // up to 8 times as many while slow names hold them
    int dns_answers_max = 16;
    Milliseconds idle_connection_max{30'000};
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t headers_max = 100;
    std::string ca_file = {};  // empty: the system's bundle
    AddressGuard guard = {};
};

class Resolver;

/// Carries out requests. What it decides itself:
///   pool        one per thread; a connection that the server closed while it was idle is replaced once, silently, when
///               no byte of an answer came
///   headers     host and content-length are the client's; a request's own host, content-length, transfer-encoding,
///               connection, keep-alive, proxy-connection, te, trailer, upgrade and expect are not sent
///   encodings   no accept-encoding is sent; bodies are kept as they come
///   limits      DNS 5 s, connect 10 s, TLS 5 s, all within the request's total timeout, which ends up to 10 ms late
/// Threads: send() from any; answers come on the client's own threads, all that are ready at once in one call.
class HttpClient final : public Transport {
  public:
    /// Errors: `invalid` when the CA file cannot be read.
    static Result<std::unique_ptr<HttpClient>> create(ClientOptions options, AnswerSink& sink);
    /// With another resolver than the system's.
    static Result<std::unique_ptr<HttpClient>> create(ClientOptions options, AnswerSink& sink,
                                                      std::unique_ptr<Resolver> resolver);
    ~HttpClient() override;

    void send(std::vector<Request> requests) override;
    /// Answers what is still out with `cancelled` once `grace` is over, then returns. Nothing may be sent after.
    void stop(Milliseconds grace);

    struct Statistics {
        std::uint64_t sent = 0, connected = 0, reused = 0, open = 0, in_flight = 0;
    };
    Statistics statistics() const;

  private:
    struct Impl;
    explicit HttpClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::net

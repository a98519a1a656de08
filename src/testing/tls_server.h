// An HTTPS target for tests: answers every request with 200 and "secret", on threads of its own, loopback only.
#pragma once

#include <memory>
#include <string>

#include "testing/certificates.h"

namespace punkt::testing {

/// Threads: any.
class TlsServer {
  public:
    enum class Manner {
        orderly,
        closes_without_notice,  // the body ends with the TCP connection, without TLS's close_notify
        keeps_silent,           // accepts, and never says a word of TLS
        old_protocol,           // TLS 1.1 at most
    };

    explicit TlsServer(const Certificate& certificate, Manner manner = Manner::orderly);
    ~TlsServer();

    std::uint16_t port() const;
    int handshakes() const;
    /// Of those, how many continued an earlier session.
    int resumed() const;
    /// What the last client wanted by SNI; empty: nothing.
    std::string server_name() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::testing

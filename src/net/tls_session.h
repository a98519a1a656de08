// TLS for the client, without sockets: encrypted bytes go in and out by the caller's hand. So one kind of socket code
// serves both schemes, and OpenSSL never sees a file descriptor (its writes would raise SIGPIPE).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace punkt::net {

/// What a server gave us to resume with. Copies share it. Threads: one.
class TlsTicket {
  public:
    struct Impl;
    std::shared_ptr<Impl> impl;
};

/// One connection's TLS. Threads: one at a time.
class TlsSession {
  public:
    enum class State {
        done,     // the call did its work
        starved,  // it needs more bytes from the peer: feed() and call again
        closed,   // the peer ended the stream in order
        failed,   // see error()
    };
    ~TlsSession();

    /// Call until `done`. Verifies chain and host name.
    State handshake();
    /// Decrypts into `target`; `got` is set when `done`.
    State read(char* target, std::size_t size, std::size_t& got);
    /// Encrypts all of it into output().
    State write(std::string_view plain);

    /// Bytes that came from the peer.
    void feed(std::string_view bytes);
    /// Bytes that must go to the peer; empty when there are none.
    std::string take_output();

    /// A sentence that says what is wrong with the certificate or the handshake.
    std::string error() const;
    bool resumed() const;
    /// For the next connection to the same host and port; changes while the connection is used.
    TlsTicket ticket() const;

    struct Impl;

  private:
    friend class TlsContext;
    explicit TlsSession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// What all connections share: trusted authorities and protocol versions. TLS 1.2 and newer. Threads: any.
class TlsContext {
  public:
    /// `ca_file`: PEM; empty: the system's bundle.  Errors: `invalid` when the file cannot be read.
    static Result<std::unique_ptr<TlsContext>> create(const std::string& ca_file);
    ~TlsContext();

    /// `host` is a name or a literal address; the certificate must be for it. `ticket` may be empty.
    std::unique_ptr<TlsSession> start(const std::string& host, const TlsTicket& ticket) const;

    struct Impl;

  private:
    explicit TlsContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::net

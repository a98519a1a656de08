// One outgoing connection: to an address that was checked, plain or TLS. Inside net only: it shows Asio.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/async.h"
#include "base/clock.h"
#include "net/address_guard.h"
#include "net/response_reader.h"
#include "net/tls_session.h"

namespace punkt::net {

/// Threads: one, that of the io_context. Errors are sentences; an empty one means success.
class ClientConnection {
  public:
    explicit ClientConnection(asio::io_context& context);

    /// May be called again with another address after a failure.
    Async<std::string> connect(Address address, std::uint16_t port);
    /// TLS on top; `host` is what the certificate must name.
    Async<std::string> secure(const TlsContext& context, std::string host, TlsTicket ticket);
    /// Sends a request and reads its response. False when there is none, or only a part: see error(), and reader's
    /// started(). The views must live until it returns.
    Async<bool> exchange(std::string_view head, std::string_view body, ResponseReader& reader);

    /// Every operation ends at once, now and from now on.
    void abort();
    bool connected() const { return connected_; }
    /// True when an exchange was begun on it.
    bool used() const { return used_; }
    /// True when the peer closed it, or said something, while nobody asked.
    bool stale();

    const std::string& error() const { return error_; }
    /// "127.0.0.1:9", of the last connect().
    const std::string& peer() const { return peer_; }
    /// Of the last exchange; zero: no byte came.
    Microseconds first_byte_at() const { return first_byte_at_; }
    /// Of the last exchange: the peer said more than a response.
    bool surplus() const { return surplus_; }
    /// Null unless secured.
    const TlsSession* tls() const { return tls_.get(); }

  private:
    using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
    using Progress = ResponseReader::Progress;

    /// Sends what `parts` still hold; false and error_ when the connection is lost.
    Async<bool> send_rest(std::string_view first, std::string_view second);
    Async<bool> send_encrypted(std::string_view head, std::string_view body);
    Progress decrypt(std::string_view bytes, ResponseReader& reader);
    std::string lost(const boost::system::error_code& code) const;

    Socket socket_;
    std::unique_ptr<TlsSession> tls_;
    std::unique_ptr<char[]> buffer_;
    std::string peer_, error_;
    Microseconds first_byte_at_{};
    bool connected_ = false, used_ = false, surplus_ = false;
};

}  // namespace punkt::net

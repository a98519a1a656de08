#include "net/client_connection.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

namespace punkt::net {
namespace {

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_values{};
constexpr std::size_t buffer_bytes = 8 * 1024;
constexpr std::size_t plain_bytes = 16 * 1024;  // a TLS record

/// Receive buffers of this thread that nobody uses: 8 KB blocks that come and go with every request make malloc give
/// pages back to the system and fault them in again.
class SpareBuffers {
  public:
    std::unique_ptr<char[]> take() {
        if (spare_.empty()) return std::make_unique_for_overwrite<char[]>(buffer_bytes);
        auto buffer = std::move(spare_.back());
        spare_.pop_back();
        return buffer;
    }
    void put(std::unique_ptr<char[]> buffer) {
        if (spare_.size() < kept_max) spare_.push_back(std::move(buffer));
    }

  private:
    static constexpr std::size_t kept_max = 512;
    std::vector<std::unique_ptr<char[]>> spare_;
};

SpareBuffers& spare_buffers() {
    thread_local SpareBuffers buffers;
    return buffers;
}

asio::ip::tcp::endpoint endpoint_of(const Address& address, std::uint16_t port) {
    if (address.is_v4()) {
        asio::ip::address_v4::bytes_type bytes;
        std::copy_n(address.bytes.begin() + 12, 4, bytes.begin());
        return {asio::ip::address_v4(bytes), port};
    }
    return {asio::ip::address_v6(address.bytes), port};
}

std::string connect_sentence(const boost::system::error_code& code, const std::string& peer) {
    namespace errc = boost::system::errc;
    switch (code.value()) {
        case errc::connection_refused:
            return fmt::format("connection refused by {}", peer);
        case errc::host_unreachable:
        case errc::network_unreachable:
            return fmt::format("no route to {}", peer);
        case errc::timed_out:
            return fmt::format("{} did not accept the connection in time", peer);
        case errc::connection_reset:
            return fmt::format("{} reset the connection", peer);
        default:
            return fmt::format("could not connect to {}: {}", peer, code.message());
    }
}

}  // namespace

ClientConnection::ClientConnection(asio::io_context& context) : socket_(context.get_executor()) {}

Async<std::string> ClientConnection::connect(Address address, std::uint16_t port) {
    peer_ = fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), address.text(), port);
    const auto endpoint = endpoint_of(address, port);
    boost::system::error_code code;
    socket_.close(code);
    socket_.open(endpoint.protocol(), code);
    if (code) co_return fmt::format("no socket for {}: {}", peer_, code.message());
    const auto [failed] = co_await socket_.async_connect(endpoint, as_values);
    if (failed) co_return connect_sentence(failed, peer_);
    socket_.set_option(asio::ip::tcp::no_delay(true), code);
    socket_.non_blocking(true, code);
    connected_ = true;
    co_return std::string();
}

Async<std::string> ClientConnection::secure(const TlsContext& context, std::string host, TlsTicket ticket) {
    tls_ = context.start(host, ticket);
    if (!buffer_) buffer_ = spare_buffers().take();
    while (true) {
        const auto state = tls_->handshake();
        // 1. Also after a failure: the peer should learn the alert.
        const std::string output = tls_->take_output();
        const bool sent = output.empty() || co_await send_rest(output, {});
        if (state == TlsSession::State::done && sent) co_return std::string();
        if (state == TlsSession::State::failed) co_return tls_->error();
        if (!sent) co_return error_;
        // 2. The peer's turn.
        const auto [code, count] =
            co_await socket_.async_read_some(asio::buffer(buffer_.get(), buffer_bytes), as_values);
        if (code == asio::error::eof) co_return fmt::format("{} closed the connection during the TLS handshake", peer_);
        if (code) co_return lost(code);
        tls_->feed({buffer_.get(), count});
    }
}

Async<bool> ClientConnection::exchange(std::string_view head, std::string_view body, ResponseReader& reader) {
    used_ = true;
    first_byte_at_ = {};
    surplus_ = false;
    error_.clear();
    if (!buffer_) buffer_ = spare_buffers().take();
    // 1. Send. Mostly one system call takes it all, so the first try does not wait.
    bool sent = true;
    if (tls_) {
        sent = co_await send_encrypted(head, body);
    } else {
        const std::array parts{asio::buffer(head), asio::buffer(body)};
        boost::system::error_code code;
        const std::size_t count = socket_.write_some(parts, code);
        if (code && code != asio::error::would_block) {
            error_ = lost(code);
            sent = false;
        } else if (count < head.size() + body.size()) {
            const std::size_t of_head = std::min(count, head.size());
            sent = co_await send_rest(head.substr(of_head), body.substr(count - of_head));
        }
    }
    // 2. Read, even if not all could be sent: the server may have answered before it closed.
    Progress progress = Progress::more;
    while (progress == Progress::more) {
        const auto [code, count] =
            co_await socket_.async_read_some(asio::buffer(buffer_.get(), buffer_bytes), as_values);
        if (code && code != asio::error::eof) {
            if (sent) error_ = lost(code);
            co_return false;
        }
        if (first_byte_at_.count() == 0 && count > 0) first_byte_at_ = SystemClock().elapsed();
        const std::string_view bytes(buffer_.get(), count);
        if (code) {
            progress = reader.feed_end();
        } else {
            progress = tls_ ? decrypt(bytes, reader) : reader.feed(bytes);
        }
    }
    if (progress == Progress::failed && error_.empty()) error_ = reader.error();
    surplus_ = surplus_ || !sent;
    spare_buffers().put(std::move(buffer_));  // idle connections keep none
    co_return progress == Progress::done;
}

ResponseReader::Progress ClientConnection::decrypt(std::string_view bytes, ResponseReader& reader) {
    tls_->feed(bytes);
    Progress progress = Progress::more;
    std::array<char, plain_bytes> plain;
    while (true) {
        std::size_t count = 0;
        const auto state = tls_->read(plain.data(), plain.size(), count);
        if (state == TlsSession::State::starved) return progress;
        if (progress != Progress::more) {  // bytes, an end or an error after the response
            surplus_ = true;
            return progress;
        }
        if (state == TlsSession::State::failed) {
            error_ = tls_->error();
            return Progress::failed;
        }
        progress = state == TlsSession::State::closed ? reader.feed_end() : reader.feed({plain.data(), count});
        if (progress == Progress::failed || reader.truncated()) return progress;
    }
}

Async<bool> ClientConnection::send_encrypted(std::string_view head, std::string_view body) {
    for (const std::string_view part : {head, body}) {
        if (tls_->write(part) != TlsSession::State::done) {
            error_ = tls_->error();
            co_return false;
        }
    }
    const std::string output = tls_->take_output();
    co_return co_await send_rest(output, {});
}

Async<bool> ClientConnection::send_rest(std::string_view first, std::string_view second) {
    while (!first.empty() || !second.empty()) {
        const std::array parts{asio::buffer(first), asio::buffer(second)};
        const auto [code, count] = co_await socket_.async_write_some(parts, as_values);
        if (code) {
            error_ = lost(code);
            co_return false;
        }
        const std::size_t of_first = std::min(count, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(count - of_first);
    }
    co_return true;
}

void ClientConnection::abort() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    connected_ = false;
}

bool ClientConnection::stale() {
    while (true) {
        std::array<char, 1024> bytes;
        const auto count = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
        if (count == 0 || !tls_) return true;
        // TLS 1.3 servers may send a ticket late; that is no reason to give the connection up.
        tls_->feed({bytes.data(), static_cast<std::size_t>(count)});
        std::size_t plain = 0;
        if (tls_->read(bytes.data(), bytes.size(), plain) != TlsSession::State::starved) return true;
    }
}

std::string ClientConnection::lost(const boost::system::error_code& code) const {
    if (code == asio::error::connection_reset || code == asio::error::broken_pipe) {
        return fmt::format("{} reset the connection", peer_);
    }
    return fmt::format("the connection to {} was lost: {}", peer_, code.message());
}

}  // namespace punkt::net

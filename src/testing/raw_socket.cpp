#include "testing/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/check.h"

namespace punkt::testing {
namespace {

constexpr std::chrono::seconds patience_default{10};

}  // namespace

std::string RawReply::header(std::string_view name) const {
    const std::string wanted = "\r\n" + std::string(name) + ": ";
    const std::size_t found = head.find(wanted);
    if (found == std::string::npos) return {};
    const std::size_t start = found + wanted.size();
    return head.substr(start, head.find("\r\n", start) - start);
}

RawSocket::RawSocket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int failed = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    check(failed == 0, "a test could not connect to its server");
}

RawSocket::~RawSocket() { ::close(socket_); }

bool RawSocket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        pollfd ready{socket_, POLLOUT, 0};
        if (::poll(&ready, 1, 10'000) <= 0) return false;
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) continue;
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawSocket::finish() { ::shutdown(socket_, SHUT_WR); }

bool RawSocket::receive_some(std::chrono::milliseconds patience) {
    pollfd ready{socket_, POLLIN, 0};
    if (is_closed_ || ::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return false;
    std::array<char, 64 * 1024> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        is_closed_ = true;
        return false;
    }
    received_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

RawReply RawSocket::receive(bool is_head) {
    std::size_t end = received_.find("\r\n\r\n");
    while (end == std::string::npos) {
        if (!receive_some(patience_default)) return {};
        end = received_.find("\r\n\r\n");
    }
    RawReply reply;
    reply.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
    if (reply.header("transfer-encoding") == "chunked" && !is_head) {
        reply.body = receive_chunks();
        return reply;
    }
    std::size_t length = 0;
    const std::string written = reply.header("content-length");
    std::from_chars(written.data(), written.data() + written.size(), length);
    if (is_head) length = 0;
    while (received_.size() < length && receive_some(patience_default)) {
    }
    reply.body = received_.substr(0, length);
    received_.erase(0, reply.body.size());
    return reply;
}

/// The pieces of a chunked body, put together; what came when it was cut.
std::string RawSocket::receive_chunks() {
    std::string body;
    while (true) {
        std::size_t line = received_.find("\r\n");
        while (line == std::string::npos) {
            if (!receive_some(patience_default)) return body;
            line = received_.find("\r\n");
        }
        std::size_t length = 0;
        std::from_chars(received_.data(), received_.data() + line, length, 16);
        while (received_.size() < line + length + 4 && receive_some(patience_default)) {
        }
        body += received_.substr(line + 2, length);
        received_.erase(0, line + length + 4);
        if (length == 0) return body;
    }
}

std::string RawSocket::receive_all(std::chrono::milliseconds patience) {
    while (receive_some(patience)) {
    }
    return std::move(received_);
}

bool RawSocket::is_closed_within(std::chrono::milliseconds patience) {
    while (receive_some(patience)) {
    }
    return is_closed_;
}

}  // namespace punkt::testing

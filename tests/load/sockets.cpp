#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "http_scan.h"

namespace punkt::load {
namespace {

constexpr int backlog = 4'096;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Result<Fd> connect_blocking(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return system_error("no socket");
    const auto address = loopback(port);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_error(fmt::format("cannot connect to 127.0.0.1:{}", port));
    make_cheap(fd);
    return fd;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

Fd::~Fd() {
    if (fd_ >= 0) ::close(fd_);
}

void make_cheap(const Fd& socket) {
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    constexpr std::string_view plain = "reno";
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, plain.data(), plain.size());
}

Error system_error(std::string_view what) {
    return Error{ErrorKind::unavailable, fmt::format("{}: {}", what, std::strerror(errno))};
}

Result<Fd> listen_on_loopback() {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) return system_error("no socket");
    const auto address = loopback(0);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_error("cannot bind to 127.0.0.1");
    make_cheap(fd);  // what is accepted inherits it
    if (::listen(fd.get(), backlog) != 0) return system_error("cannot listen");
    return fd;
}

Result<std::uint16_t> port_of(const Fd& socket) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        return system_error("no port");
    return std::uint16_t{ntohs(address.sin_port)};
}

Result<Fd> connect_to_loopback(std::uint16_t port) {
    auto fd = connect_blocking(port);
    if (!fd) return fd;
    if (::fcntl(fd->get(), F_SETFL, ::fcntl(fd->get(), F_GETFL) | O_NONBLOCK) != 0) return system_error("fcntl");
    return fd;
}

Result<std::uint16_t> free_port() {
    auto listener = listen_on_loopback();
    if (!listener) return listener.error();
    return port_of(*listener);
}

Result<Answer> call(std::uint16_t port, const std::string& request, int timeout_ms) {
    auto fd = connect_blocking(port);
    if (!fd) return fd.error();
    const timeval limit{.tv_sec = timeout_ms / 1'000, .tv_usec = timeout_ms % 1'000 * 1'000};
    ::setsockopt(fd->get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd->get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (std::size_t sent = 0; sent < request.size();) {
        const auto n = ::send(fd->get(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return system_error("the request was not taken");
        sent += static_cast<std::size_t>(n);
    }
    std::string received;
    char piece[16 * 1024];
    while (true) {
        const auto n = ::recv(fd->get(), piece, sizeof piece, 0);
        if (n < 0) return system_error("no answer");
        if (n == 0) return Error{ErrorKind::unavailable, "the connection was closed before the answer"};
        received.append(piece, static_cast<std::size_t>(n));
        Message message;
        const auto state = scan_message(received, message);
        if (state == Scan::broken) return Error{ErrorKind::internal, "the answer is not plain HTTP/1.1"};
        if (state == Scan::complete) return Answer{message.status(), std::string(message.body)};
    }
}

}  // namespace punkt::load

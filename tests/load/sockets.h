// File descriptors with an owner, and the few socket calls of the bench. Loopback only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace punkt::load {

/// Closes what it holds.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// What errno says, after a sentence's beginning.
Error system_error(std::string_view what);

/// No delay for small writes, and the plainest congestion control: with some systems' default (BBR paces by timers) the
/// bench's own ends would cost a third more on loopback. What the system's default costs Punkt stays in its figures.
void make_cheap(const Fd& socket);

/// A non-blocking listener on 127.0.0.1 with a port of the kernel's choice.
Result<Fd> listen_on_loopback();
Result<std::uint16_t> port_of(const Fd& socket);
/// Connected to 127.0.0.1:port, non-blocking afterwards, TCP_NODELAY.
Result<Fd> connect_to_loopback(std::uint16_t port);
/// A port that was free a moment ago.
Result<std::uint16_t> free_port();

struct Answer {
    int status = 0;
    std::string body = {};
};

/// One request on a connection of its own, blocking, at most `timeout_ms`.
Result<Answer> call(std::uint16_t port, const std::string& request, int timeout_ms = 5'000);

}  // namespace punkt::load

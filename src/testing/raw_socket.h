// A TCP client for tests that says exactly what it is told, however wrong. Blocking, loopback only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace punkt::testing {

/// One answer, taken apart.
struct RawReply {
    int status = 0;
    std::string head;  // status line and headers, as received
    std::string body;
    /// The value of that header (lower-case name), empty when absent.
    std::string header(std::string_view name) const;
};

class RawSocket {
  public:
    /// Connects to 127.0.0.1; aborts the test program when that fails.
    explicit RawSocket(std::uint16_t port);
    ~RawSocket();
    RawSocket(const RawSocket&) = delete;

    /// False when the peer has gone. Gives up after 10 s.
    bool send(std::string_view bytes);
    /// No more will be sent.
    void finish();
    /// The next answer; status 0 when the connection ended, or nothing came for 10 s. `is_head`: it has no body.
    RawReply receive(bool is_head = false);
    /// Everything until the peer closes, or `patience` passes.
    std::string receive_all(std::chrono::milliseconds patience = std::chrono::seconds(10));
    /// True when the peer closes before `patience` is over; what it sends until then is dropped.
    bool is_closed_within(std::chrono::milliseconds patience);

  private:
    std::string receive_chunks();
    bool receive_some(std::chrono::milliseconds patience);
    int socket_ = -1;
    std::string received_;
    bool is_closed_ = false;
};

}  // namespace punkt::testing

// The sample target of `punkt dev`: a second HTTP server on loopback that shows each delivery.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_server.h"

namespace punkt::app {

/// A delivery as it is shown: request line, the headers that Punkt adds, the body (cut at 2 KB, without control bytes).
std::string shown_delivery(const net::HttpRequest& request);

/// 200, or what "?status=503" asks for, so that retries can be watched. The answer names what was received.
net::HttpReply answer_delivery(const net::HttpRequest& request);

class DevReceiver {
  public:
    /// Listens on 127.0.0.1:`port`, or on any free port when that one is taken. `show` is called for each delivery, one
    /// at a time, on the receiver's thread.
    static Result<std::unique_ptr<DevReceiver>> create(std::uint16_t port,
                                                       std::function<void(const std::string&)> show);
    void start() { server_->start(); }
    void stop() { server_->stop(std::chrono::milliseconds{100}); }
    std::uint16_t port() const { return server_->port(); }

  private:
    DevReceiver() = default;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace punkt::app

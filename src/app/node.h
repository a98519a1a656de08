// One running Punkt: everything wired together. The only place that knows all rooms.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"

namespace punkt::api {
class Router;
}

namespace punkt::app {

class Node {
  public:
    /// Opens the data folder and binds the port; nothing runs yet.
    /// Errors: sentences for the person who started it (folder in use, port taken, CA file unreadable, …).
    static Result<std::unique_ptr<Node>> create(const Config& config);
    ~Node();

    void start();
    /// Stops from the outside in: no new requests, no new starts, what is out has `grace`, then everything is written.
    /// True when nothing was left out.
    bool stop(Milliseconds grace);

    std::uint16_t port() const;
    /// What the main port answers: for tests and for the list of routes.
    const api::Router& router() const;
    /// The key that the first start made, "pk_live_….sk_live_…"; empty at later starts.
    std::string first_key() const;

  private:
    struct Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::app

// Names become addresses, on threads of their own: getaddrinfo() blocks, sometimes for half a minute.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/function.h"
#include "net/address_guard.h"

namespace punkt::net {

struct Resolved {
    std::vector<Address> addresses = {};  // in the order in which they should be tried
    std::string error = {};               // a sentence when there are none
};

/// Where the HTTP client asks for addresses; tests put their own in its place.
class Resolver {
  public:
    using Done = UniqueFunction<void(Resolved)>;
    virtual ~Resolver() = default;
    /// Calls `done` exactly once and on any thread, unless the resolver is destroyed first. Never blocks. `done` must
    /// not call the resolver.
    virtual void resolve(std::string host, Done done) = 0;
};

struct ResolverOptions {
    int threads = 4;       // that stay
    int threads_max = 32;  // while slow names hold the others
    std::size_t answers_max = 16;
    std::size_t waiting_max = 10'000;  // names; more are refused at once
};

/// The system's resolver: hosts file, DNS, whatever nsswitch.conf says. Requests for a name that is being looked up
/// wait for that answer. Threads: any.
class SystemResolver final : public Resolver {
  public:
    explicit SystemResolver(ResolverOptions options);
    /// Does not wait for lookups that hang; their answers are dropped.
    ~SystemResolver() override;
    void resolve(std::string host, Done done) override;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace punkt::net

// Who calls, from the headers of a request. Contract "Identity of API keys": the same on every surface.
#pragma once

#include <string>
#include <string_view>

#include "api/caller.h"
#include "base/clock.h"
#include "rooms/accounts/key_ring.h"

namespace punkt::accounts {

/// Threads: any.
class KeyAuthenticator final : public api::Authenticator {
  public:
    struct Options {
        std::string master_key = {};  // empty: there is none
        Id master_organization = 0;   // whose tasks the master key creates
    };
    KeyAuthenticator(const KeyRing& ring, const Clock& clock, Options options)
        : ring_(ring), clock_(clock), options_(std::move(options)) {}

    /// Errors: `unauthorized` with one sentence for every cause; its code is "unauthorized" when a key was presented
    /// and empty when none was, for surfaces that word the two differently. The cause goes to the log.
    Async<Result<api::Caller>> authenticate(const net::HttpRequest& request) override;
    /// The same without a coroutine; nothing in it waits.
    Result<api::Caller> identify(const net::HttpRequest& request) const;
    Id organization_of(const net::HttpRequest& request) const override;

  private:
    bool is_master(std::string_view token) const;

    const KeyRing& ring_;
    const Clock& clock_;
    Options options_;
};

}  // namespace punkt::accounts

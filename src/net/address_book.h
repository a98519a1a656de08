// Where a host's addresses are: literal, local, remembered or asked for; and which of them may be called.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "core/http.h"
#include "core/url.h"
#include "net/address_guard.h"
#include "net/resolver.h"
#include "net/ring_link.h"

namespace punkt::net {

/// Addresses that may be called, best first; or why there are none (dns, blocked).
struct Found {
    std::vector<Address> addresses = {};
    Failure failure = Failure::none;
    std::string error = {};
};

/// One for each io thread. Threads: one, that of the io_context. The resolver must be gone before it.
class AddressBook {
  public:
    AddressBook(asio::io_context& context, Resolver& resolver, const AddressGuard& guard, Microseconds lifetime);

    /// Literal addresses, localhost (both 127.0.0.1 and ::1, without DNS) and names that were asked for lately. Every
    /// address passes the guard here, whatever it came from. Nothing: wait().
    std::optional<Found> find(const Url& url, Microseconds now);
    /// Which of the addresses of `url`'s host may be called.
    Found allowed(const Url& url, const std::vector<Address>& addresses) const;
    using Waiting = Place<Resolved>;
    /// Asks the resolver, once for all who wait for the same name. An answer is remembered before `place` hears of it;
    /// errors are not remembered.
    void wait(const std::string& host, Waiting& place);

  private:
    struct Name {
        std::vector<Address> addresses;
        Microseconds until{};
        RingLink line;  // of Waiting
        bool asked = false;
    };
    void answered(const std::string& host, const Resolved& resolved);

    asio::io_context& context_;
    Resolver& resolver_;
    const AddressGuard& guard_;
    Microseconds lifetime_;
    std::unordered_map<std::string, std::unique_ptr<Name>> names_;
};

}  // namespace punkt::net

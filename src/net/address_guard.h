// Which addresses may be called. Asked with bytes, never with spelling: after every DNS answer, for every literal
// address, on every hop, and the connection goes to the address that was checked.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/url.h"

namespace punkt::net {

/// An IPv4 address is stored as its v4-mapped form.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const Address&) const = default;
    bool is_v4() const;
    /// "127.0.0.1", "2001:db8::1"
    std::string text() const;
    /// Dotted quads and RFC 4291 text without zone only; no octal, hex or short forms.
    static std::optional<Address> parse(std::string_view text);
};

/// False for everything that is not plainly reachable on the public internet: IANA special-purpose registries and
/// multicast. NAT64 and 6to4 addresses are judged by the IPv4 address inside; v4-compatible and Teredo are refused.
bool is_public(const Address& address);

/// A list of CIDRs.
class AddressRanges {
  public:
    /// "10.0.0.0/8, fd00::/8"; empty: no address. Errors: `invalid` naming the part that is no CIDR.
    static Result<AddressRanges> create(std::string_view text);
    bool contains(const Address& address) const;
    bool is_empty() const { return ranges_.empty(); }

  private:
    struct Range {
        Address base;
        int bits = 128;
    };
    std::vector<Range> ranges_;
};

class AddressGuard {
  public:
    /// Allows public addresses only.
    AddressGuard() = default;
    /// `allow`: "1", "true" or "all" for everything, "" or "0" for nothing, else CIDRs separated by commas.
    /// Errors: `invalid` naming the part that is no CIDR.
    static Result<AddressGuard> create(std::string_view allow);

    bool allows(const Address& address) const;
    bool allows_everything() const { return everything_; }
    /// True when at least one range beyond the public internet is allowed.
    bool allows_some_private() const { return everything_ || !allowed_.is_empty(); }
    /// Never connected to, even when allowed: Punkt's own listeners (address and port), against delivery loops.
    /// 0.0.0.0 and :: stand for every address this machine has now. Threads: before the guard is shared.
    void forbid(const Address& address, std::uint16_t port);
    bool forbids(const Address& address, std::uint16_t port) const;

  private:
    bool everything_ = false;
    AddressRanges allowed_;
    std::vector<std::pair<Address, std::uint16_t>> forbidden_;
};

/// For the check at creation, before any DNS: why the host of `url` is refused as it is written (a literal address the
/// guard does not allow, or localhost, *.localhost, *.local, *.internal), or nothing. Contract "Private targets".
/// Threads: any.
std::optional<std::string> refused_literal(const Url& url, const AddressGuard& guard);

}  // namespace punkt::net

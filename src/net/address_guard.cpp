#include "net/address_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "core/ip_text.h"
#include "net/local_addresses.h"

namespace punkt::net {
namespace {

bool inside(const Address& address, const Address& base, int bits) {
    const auto whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(base.bytes.begin(), base.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin())) {
        return false;
    }
    if (bits % 8 == 0) return true;
    const int shift = 8 - bits % 8;
    return base.bytes[whole] >> shift == address.bytes[whole] >> shift;
}

struct Special {
    std::string_view base;
    int bits;
};

/// IANA IPv4 Special-Purpose Address Registry (RFC 6890) without the AS112 and AMT anycast services, which are public;
/// multicast (RFC 5771) and the deprecated 6to4 relay anycast (RFC 7526).
constexpr Special special_v4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},    {"169.254.0.0", 16},
    {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};

/// IANA IPv6 Special-Purpose Address Registry, the ranges inside 2000::/3. Everything outside 2000::/3 is not global
/// unicast (RFC 4291 §2.4) except NAT64. 2001::/23 holds Teredo, ORCHID and benchmarking.
constexpr Special special_v6[] = {
    {"2001::", 23},
    {"2001:db8::", 32},
    {"3fff::", 20},
};

struct Network {
    Address base;
    int bits;
};

std::vector<Network> networks_of(std::span<const Special> ranges, int bits_before) {
    std::vector<Network> networks;
    for (const Special& range : ranges) networks.push_back({*Address::parse(range.base), range.bits + bits_before});
    return networks;
}

bool any_contains(const std::vector<Network>& networks, const Address& address) {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Network& network) { return inside(address, network.base, network.bits); });
}

/// The IPv4 address that starts at byte `at`, v4-mapped.
Address inner_v4(const Address& address, std::size_t at) {
    Address inner = *Address::parse("0.0.0.0");
    std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(at), 4, inner.bytes.begin() + 12);
    return inner;
}

bool is_loopback(const Address& address) {
    static const Address v4 = *Address::parse("127.0.0.0"), v6 = *Address::parse("::1");
    return inside(address, v4, 96 + 8) || address == v6;
}

/// 0.0.0.0 and ::, which a socket takes for this machine when it connects.
bool is_unspecified(const Address& address) {
    static const Address v4 = *Address::parse("0.0.0.0"), v6 = *Address::parse("::");
    return address == v4 || address == v6;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

bool is_or_ends_with(std::string_view host, std::string_view name) {
    return host == name || (host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
}

}  // namespace

bool Address::is_v4() const { return is_v4_mapped(bytes); }

std::string Address::text() const { return ip_text(bytes); }

std::optional<Address> Address::parse(std::string_view text) {
    const auto parsed = text.find(':') == text.npos ? parse_ipv4(text) : parse_ipv6(text);
    if (!parsed) return std::nullopt;
    return Address{*parsed};
}

bool is_public(const Address& address) {
    static const std::vector<Network> v4 = networks_of(special_v4, 96), v6 = networks_of(special_v6, 0);
    static const Address nat64 = *Address::parse("64:ff9b::"), six_to_four = *Address::parse("2002::"),
                         global = *Address::parse("2000::");
    if (address.is_v4()) return !any_contains(v4, address);
    if (inside(address, nat64, 96)) return is_public(inner_v4(address, 12));       // RFC 6052 §2.1
    if (inside(address, six_to_four, 16)) return is_public(inner_v4(address, 2));  // RFC 3056 §2
    return inside(address, global, 3) && !any_contains(v6, address);
}

Result<AddressRanges> AddressRanges::create(std::string_view text) {
    AddressRanges made;
    text = trimmed(text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = trimmed(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        const std::size_t slash = std::min(part.find('/'), part.size());
        const auto base = Address::parse(part.substr(0, slash));
        const int bits_of_family = base && base->is_v4() && part.find(':') == part.npos ? 32 : 128;
        int bits = bits_of_family;
        bool right = base.has_value();
        if (right && slash < part.size()) {
            const std::string_view number = part.substr(slash + 1);
            const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
            right = error == std::errc{} && end == number.data() + number.size() && bits >= 0 && bits <= bits_of_family;
        }
        if (!right) {
            return Error{ErrorKind::invalid, fmt::format("'{}' is not an address or a range like 10.0.0.0/8", part)};
        }
        made.ranges_.push_back({*base, bits + 128 - bits_of_family});
    }
    return made;
}

bool AddressRanges::contains(const Address& address) const {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const Range& range) { return inside(address, range.base, range.bits); });
}

Result<AddressGuard> AddressGuard::create(std::string_view allow) {
    AddressGuard guard;
    allow = trimmed(allow);
    if (allow.empty() || allow == "0" || allow == "false") return guard;
    if (allow == "1" || allow == "true" || allow == "all") {
        guard.everything_ = true;
        return guard;
    }
    auto allowed = AddressRanges::create(allow);
    if (!allowed) return allowed.error();
    guard.allowed_ = std::move(*allowed);
    return guard;
}

bool AddressGuard::allows(const Address& address) const {
    return everything_ || is_public(address) || allowed_.contains(address);
}

void AddressGuard::forbid(const Address& address, std::uint16_t port) {
    forbidden_.emplace_back(address, port);
    if (!is_unspecified(address)) return;
    for (const Address& own : local_addresses()) forbidden_.emplace_back(own, port);
}

bool AddressGuard::forbids(const Address& address, std::uint16_t port) const {
    return std::any_of(forbidden_.begin(), forbidden_.end(), [&](const auto& listener) {
        if (listener.second != port) return false;
        if (listener.first == address) return true;
        // Connecting to "any address" reaches a loopback listener; a listener on "any address" is reached by 127.0.0.2.
        return (is_unspecified(address) && is_loopback(listener.first)) ||
               (is_loopback(address) && is_unspecified(listener.first));
    });
}

std::optional<std::string> refused_literal(const Url& url, const AddressGuard& guard) {
    constexpr std::string_view remedy = "allow it with PUNKT_ALLOW_PRIVATE_TARGETS";
    // 1. Names that mean this machine or a private network wherever they are resolved (RFC 6761, RFC 6762).
    const bool local = is_or_ends_with(url.host, "localhost");
    if (local || is_or_ends_with(url.host, "local") || is_or_ends_with(url.host, "internal")) {
        const bool allowed = local ? guard.allows(*Address::parse("127.0.0.1")) || guard.allows(*Address::parse("::1"))
                                   : guard.allows_some_private();
        if (allowed) return std::nullopt;
        return fmt::format("'{}' is a private host; {}", url.host, remedy);
    }
    // 2. Literal addresses. Other names are judged when they are called, by what they resolve to.
    const auto address = Address::parse(url.host);
    if (!address || guard.allows(*address)) return std::nullopt;
    return fmt::format("'{}' is not a public address; {}", url.host, remedy);
}

}  // namespace punkt::net

// IP addresses as text, read strictly and written in one way. What an address means is net/address_guard's business.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punkt {

/// Network byte order. IPv4 is kept in its v4-mapped form, ::ffff:a.b.c.d.
using IpBytes = std::array<std::uint8_t, 16>;

bool is_v4_mapped(const IpBytes& bytes);

/// Four decimal numbers without leading zeros; no octal, hex or short forms, which resolvers read differently.
std::optional<IpBytes> parse_ipv4(std::string_view text);

/// RFC 4291 §2.2, without brackets and without a zone. Groups have at most four digits; "::" stands for one group or
/// more.
std::optional<IpBytes> parse_ipv6(std::string_view text);

/// "127.0.0.1" for v4-mapped addresses, else RFC 5952: "2001:db8::1".
std::string ip_text(const IpBytes& bytes);

}  // namespace punkt

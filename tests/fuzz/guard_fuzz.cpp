// The guard against the system: whatever host passes the check at creation must not be an address to anyone but us.
#include <arpa/inet.h>
#include <netdb.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "core/url.h"
#include "net/address_guard.h"

namespace punkt::net {
namespace {

/// What the system's own reader makes of a host, octal and short forms included.
std::optional<Address> read_by_the_system(const std::string& host) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
    Address address;
    if (found->ai_family == AF_INET) {
        address = *Address::parse("0.0.0.0");
        std::memcpy(address.bytes.data() + 12, &reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr, 4);
    } else {
        std::memcpy(address.bytes.data(), &reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_addr, 16);
    }
    freeaddrinfo(found);
    return address;
}

void check_host(const std::string& authority) {
    const auto url = parse_url("http://" + authority + "/");
    if (!url) return;
    const auto ours = Address::parse(url->host);
    const auto theirs = read_by_the_system(url->host);
    check(ours == theirs, "we and the system read the same address, or none");
    static const AddressGuard guard;
    if (ours && !is_public(*ours)) check(refused_literal(*url, guard).has_value(), "a private literal is refused");
}

void check_address(const std::uint8_t* data) {
    Address address;
    std::memcpy(address.bytes.data(), data, 16);
    check(Address::parse(address.text()) == address, "an address reads as it was written");
    // The forms that carry an IPv4 address inside are never more public than that address.
    Address inner = *Address::parse("0.0.0.0");
    std::memcpy(inner.bytes.data() + 12, data + 12, 4);
    Address nat64 = *Address::parse("64:ff9b::");
    std::memcpy(nat64.bytes.data() + 12, data + 12, 4);
    Address six_to_four = *Address::parse("2002::");
    std::memcpy(six_to_four.bytes.data() + 2, data + 12, 4);
    check(is_public(nat64) == is_public(inner) && is_public(six_to_four) == is_public(inner), "wrapped is as inside");
}

}  // namespace
}  // namespace punkt::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 16) punkt::net::check_address(data);
    const std::string text(reinterpret_cast<const char*>(data), size);
    punkt::net::check_host(text);
    (void)punkt::net::AddressGuard::create(text);
    return 0;
}

#include "api/client_address.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

std::string seen(const std::string& peer, std::vector<std::string> lines, const char* proxies) {
    net::HttpRequest request{.peer = peer};
    for (auto& line : lines) request.headers.emplace_back("x-forwarded-for", std::move(line));
    return client_address(request, *net::AddressRanges::create(proxies));
}

TEST(ClientAddress, a_stranger_s_claims_are_ignored) {
    EXPECT_EQ(seen("203.0.113.9", {"198.51.100.1"}, ""), "203.0.113.9");
    EXPECT_EQ(seen("203.0.113.9", {"198.51.100.1"}, "10.0.0.0/8"), "203.0.113.9");
}

TEST(ClientAddress, what_a_known_proxy_says_counts) {
    EXPECT_EQ(seen("10.0.0.1", {"198.51.100.1"}, "10.0.0.0/8"), "198.51.100.1");
    EXPECT_EQ(seen("10.0.0.1", {"198.51.100.1:5123"}, "10.0.0.0/8"), "198.51.100.1");
    EXPECT_EQ(seen("fd00::1", {"[2001:db8::7]:443"}, "fd00::/8"), "2001:db8::7");
    EXPECT_EQ(seen("10.0.0.1", {}, "10.0.0.0/8"), "10.0.0.1");
}

TEST(ClientAddress, the_nearest_that_is_no_proxy_counts_whatever_stands_before_it) {
    EXPECT_EQ(seen("10.0.0.1", {"1.2.3.4, 198.51.100.1", "10.9.9.9"}, "10.0.0.0/8"), "198.51.100.1");
    EXPECT_EQ(seen("10.0.0.1", {"10.1.1.1, 10.2.2.2"}, "10.0.0.0/8"), "10.1.1.1");
}

TEST(ClientAddress, what_is_no_address_ends_the_search) {
    EXPECT_EQ(seen("10.0.0.1", {"198.51.100.1, unknown, 10.2.2.2"}, "10.0.0.0/8"), "10.2.2.2");
    EXPECT_EQ(seen("10.0.0.1", {"["}, "10.0.0.0/8"), "10.0.0.1");
    EXPECT_EQ(seen("10.0.0.1", {",,"}, "10.0.0.0/8"), "10.0.0.1");
}

}  // namespace
}  // namespace punkt::api

#include "core/ip_text.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace punkt {
namespace {

TEST(IpText, reads_dotted_quads_only) {
    EXPECT_EQ(ip_text(*parse_ipv4("127.0.0.1")), "127.0.0.1");
    EXPECT_EQ(ip_text(*parse_ipv4("255.255.255.255")), "255.255.255.255");
    for (const char* text : {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3.4", "1..3.4", "01.2.3.4",
                             "1.2.3.04", "1.2.3.256", "1.2.3.1000", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
                             "+1.2.3.4", "1.2.3.4/8", "1,2.3.4"}) {
        EXPECT_FALSE(parse_ipv4(text)) << text;
    }
}

TEST(IpText, refuses_malformed_ipv6) {
    for (const char* text : {"",
                             ":",
                             ":::",
                             "1",
                             "1:",
                             ":1",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "::1:",
                             "1:2:3:4:5:6:7:8::",
                             "::1:2:3:4:5:6:7:8",
                             "12345::",
                             "g::",
                             "::1%lo",
                             "[::1]",
                             "::1.2.3",
                             "::1.2.3.4:5",
                             "1:2:3:4:5:6:7:1.2.3.4",
                             "::01.2.3.4",
                             "1.2.3.4",
                             "::1 ",
                             "-1::"}) {
        EXPECT_FALSE(parse_ipv6(text)) << text;
    }
}

// The system's reader and writer are the referee.
TEST(IpText, agrees_with_the_system) {
    SeededRandom random(6);
    for (int i = 0; i < 20'000; ++i) {
        IpBytes bytes{};
        for (auto& byte : bytes) byte = random.below(3) == 0 ? static_cast<std::uint8_t>(random.next()) : 0;
        if (random.below(8) == 0) {
            std::fill(bytes.begin(), bytes.begin() + 10, std::uint8_t{0});
            bytes[10] = bytes[11] = 0xff;
        }
        char buffer[INET6_ADDRSTRLEN];
        ASSERT_NE(inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer), nullptr);
        EXPECT_EQ(parse_ipv6(buffer), bytes) << buffer;
        const std::string text = ip_text(bytes);
        EXPECT_EQ(is_v4_mapped(bytes) ? parse_ipv4(text) : parse_ipv6(text), bytes) << text;
        // The system writes v4-compatible addresses with a quad, which RFC 5952 leaves open.
        if (std::string_view(buffer).find('.') == std::string_view::npos) {
            EXPECT_EQ(text, buffer);
        }
    }
}

}  // namespace
}  // namespace punkt

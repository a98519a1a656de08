#include "net/address_guard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <string>
#include <vector>

#include "core/url.h"

namespace punkt::net {
namespace {

using testing::HasSubstr;

Address address(std::string_view text) {
    const auto parsed = Address::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Address{});
}

struct Case {
    const char* text;
    bool is_public;
};

// The first and last address of every IANA special-purpose range, and their neighbours.
constexpr Case v4_cases[] = {
    {"0.0.0.0", false},        {"0.255.255.255", false},   {"1.0.0.0", true},          {"9.255.255.255", true},
    {"10.0.0.0", false},       {"10.255.255.255", false},  {"11.0.0.0", true},         {"100.63.255.255", true},
    {"100.64.0.0", false},     {"100.127.255.255", false}, {"100.128.0.0", true},      {"126.255.255.255", true},
    {"127.0.0.0", false},      {"127.0.0.1", false},       {"127.255.255.255", false}, {"128.0.0.0", true},
    {"169.253.255.255", true}, {"169.254.0.0", false},     {"169.254.169.254", false}, {"169.254.255.255", false},
    {"169.255.0.0", true},     {"172.15.255.255", true},   {"172.16.0.0", false},      {"172.31.255.255", false},
    {"172.32.0.0", true},      {"191.255.255.255", true},  {"192.0.0.0", false},       {"192.0.0.9", false},
    {"192.0.0.170", false},    {"192.0.0.255", false},     {"192.0.1.0", true},        {"192.0.2.0", false},
    {"192.0.2.255", false},    {"192.0.3.0", true},        {"192.31.196.1", true},     {"192.52.193.1", true},
    {"192.88.98.255", true},   {"192.88.99.0", false},     {"192.88.99.255", false},   {"192.88.100.0", true},
    {"192.167.255.255", true}, {"192.168.0.0", false},     {"192.168.255.255", false}, {"192.169.0.0", true},
    {"192.175.48.1", true},    {"198.17.255.255", true},   {"198.18.0.0", false},      {"198.19.255.255", false},
    {"198.20.0.0", true},      {"198.51.99.255", true},    {"198.51.100.0", false},    {"198.51.100.255", false},
    {"198.51.101.0", true},    {"203.0.112.255", true},    {"203.0.113.0", false},     {"203.0.113.255", false},
    {"203.0.114.0", true},     {"223.255.255.255", true},  {"224.0.0.0", false},       {"239.255.255.255", false},
    {"240.0.0.0", false},      {"255.255.255.255", false},
};

constexpr Case v6_cases[] = {
    {"::", false},
    {"::1", false},
    {"::2", false},
    {"::7f00:1", false},
    {"::8.8.8.8", false},  // v4-compatible: deprecated and routed nowhere
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b::127.0.0.1", false},
    {"64:ff9b::a9fe:a9fe", false},
    {"64:ff9b:0:0:0:1:808:808", false},  // beyond the /96
    {"64:ff9b:1::1", false},
    {"64:ff9b:1:ffff:ffff:ffff:ffff:ffff", false},
    {"100::", false},
    {"100::ffff:ffff:ffff:ffff", false},
    {"100:0:0:1::", false},
    {"1fff:ffff::", false},
    {"2000::", true},
    {"2001::", false},
    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", false},  // Teredo
    {"2001:2::", false},
    {"2001:10::", false},
    {"2001:20::", false},
    {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:200::", true},
    {"2001:4860:4860::8888", true},
    {"2001:db7:ffff::", true},
    {"2001:db8::", false},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db9::", true},
    {"2002:7f00:1::", false},
    {"2002:a00:1::", false},
    {"2002:a9fe:a9fe::", false},
    {"2002:808:808::1", true},
    {"2003::", true},
    {"2606:4700::1111", true},
    {"2620:4f:8000::1", true},
    {"3ffe::", true},
    {"3fff::", false},
    {"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"3fff:1000::", true},
    {"4000::", false},
    {"5f00::", false},
    {"5f00:ffff::", false},
    {"fbff::", false},
    {"fc00::", false},
    {"fd00:ec2::254", false},
    {"fdff:ffff::", false},
    {"fe80::1", false},
    {"febf:ffff::", false},
    {"fec0::1", false},
    {"feff:ffff::", false},
    {"ff02::1", false},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
};

TEST(AddressGuard, knows_every_special_range) {
    for (const auto& [text, expected] : v4_cases) {
        EXPECT_EQ(is_public(address(text)), expected) << text;
        EXPECT_EQ(is_public(address(fmt::format("::ffff:{}", text))), expected) << text;
        EXPECT_EQ(is_public(address(fmt::format("64:ff9b::{}", text))), expected) << text;
        EXPECT_FALSE(is_public(address(fmt::format("::{}", text)))) << text;
    }
    for (const auto& [text, expected] : v6_cases) EXPECT_EQ(is_public(address(text)), expected) << text;
}

/// Every way in which some parser takes an IPv4 address: numbers, octal, hex, short forms and all their wrappings.
std::vector<std::string> spellings(const std::string& quad) {
    const Address parsed = address(quad);
    const unsigned a = parsed.bytes[12], b = parsed.bytes[13], c = parsed.bytes[14], d = parsed.bytes[15];
    const unsigned number = a << 24 | b << 16 | c << 8 | d;
    return {
        quad,
        quad + ".",
        fmt::format("{}", number),
        fmt::format("{}.", number),
        fmt::format("0{:o}", number),
        fmt::format("0x{:x}", number),
        fmt::format("0X{:X}", number),
        fmt::format("{}", std::uint64_t{number} + (std::uint64_t{1} << 32)),
        fmt::format("0{:o}.0{:o}.0{:o}.0{:o}", a, b, c, d),
        fmt::format("000{:o}.{}.{}.{}", a, b, c, d),
        fmt::format("0x{:x}.0x{:x}.0x{:x}.0x{:x}", a, b, c, d),
        fmt::format("0x{:02X}.{}.0{:o}.{}", a, b, c, d),
        fmt::format("{}.{}.{}", a, b, c << 8 | d),
        fmt::format("{}.{}", a, b << 16 | c << 8 | d),
        fmt::format("0x{:x}.{}", a, b << 16 | c << 8 | d),
        fmt::format("{}.{}.{}.0x{:x}", a, b, c, d),
        fmt::format("{:03}.{:03}.{:03}.{:03}", a, b, c, d),
        fmt::format("{}.{}.{}.{}%00", a, b, c, d),
        fmt::format("{}.{}.{}.{}%2eexample.com", a, b, c, d),
        fmt::format("{}%2e{}%2e{}%2e{}", a, b, c, d),
        fmt::format("{}\xe3\x80\x82{}\xe3\x80\x82{}\xe3\x80\x82{}", a, b, c, d),  // ideographic full stops
        fmt::format("\xef\xbc\x91{}.{}.{}.{}", a, b, c, d),                       // a fullwidth digit
        fmt::format("public.example@{}", quad),
        fmt::format("public.example:80@{}", quad),
        fmt::format("public.example\\@{}", quad),
        fmt::format("[{}]", quad),
        fmt::format("[::{}]", quad),
        fmt::format("[::ffff:{}]", quad),
        fmt::format("[::FFFF:{}]", quad),
        fmt::format("[::ffff:{:x}:{:x}]", a << 8 | b, c << 8 | d),
        fmt::format("[0:0:0:0:0:ffff:{:x}:{:x}]", a << 8 | b, c << 8 | d),
        fmt::format("[0000:0000:0000:0000:0000:ffff:{:04x}:{:04x}]", a << 8 | b, c << 8 | d),
        fmt::format("[::ffff:0:{}]", quad),
        fmt::format("[64:ff9b::{}]", quad),
        fmt::format("[64:ff9b::{:x}:{:x}]", a << 8 | b, c << 8 | d),
        fmt::format("[64:ff9b:1::{}]", quad),
        fmt::format("[2002:{:x}:{:x}::]", a << 8 | b, c << 8 | d),
        fmt::format("[2002:{:x}:{:x}::1]", a << 8 | b, c << 8 | d),
        fmt::format("[2001:0:{:x}:{:x}::]", a << 8 | b, c << 8 | d),
        fmt::format("[2001::{:x}:{:x}]", ~(a << 8 | b) & 0xffff, ~(c << 8 | d) & 0xffff),
        fmt::format("[fe80::{}%eth0]", quad),
        fmt::format("[::ffff:{}%25lo]", quad),
    };
}

/// True when a task with that host could be created and called without DNS.
bool passes(const std::string& host, const AddressGuard& guard) {
    const auto url = parse_url("http://" + host + "/");
    if (!url) return false;
    if (refused_literal(*url, guard)) return false;
    const auto literal = Address::parse(url->host);
    if (literal) return guard.allows(*literal);
    // A name that the system would read as a number reaches an address that nobody checked.
    addrinfo hints{}, *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    const bool numeric = getaddrinfo(url->host.c_str(), nullptr, &hints, &found) == 0;
    if (found != nullptr) freeaddrinfo(found);
    EXPECT_FALSE(numeric) << host;
    return true;
}

TEST(AddressGuard, refuses_private_addresses_in_every_spelling) {
    const AddressGuard guard;
    int tried = 0;
    for (const char* quad : {"127.0.0.1", "127.255.255.254", "10.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1",
                             "100.64.0.1", "0.0.0.0", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.0.192"}) {
        for (const auto& host : spellings(quad)) {
            ++tried;
            EXPECT_FALSE(passes(host, guard)) << host;
        }
    }
    for (const char* host : {"localhost",
                             "LOCALHOST",
                             "localhost.",
                             "a.localhost",
                             "a.b.LocalHost.",
                             "printer.local",
                             "metadata.internal",
                             "metadata.google.internal.",
                             "local",
                             "internal",
                             "[::1]",
                             "[::]",
                             "[0:0:0:0:0:0:0:1]",
                             "[0::1]",
                             "[::0.0.0.1]",
                             "[fe80::1]",
                             "[fc00::1]",
                             "[fd00:ec2::254]",
                             "[ff02::1]",
                             "[fec0::1]",
                             "[100::1]",
                             "[2001:db8::1]"}) {
        ++tried;
        EXPECT_FALSE(passes(host, guard)) << host;
    }
    EXPECT_GE(tried, 300);
}

TEST(AddressGuard, allows_public_hosts) {
    const AddressGuard guard;
    int tried = 0;
    for (unsigned a = 1; a < 224; a += 3) {
        if (a == 10 || a == 100 || a == 127) continue;
        ++tried;
        const std::string quad = fmt::format("{}.{}.7.9", a, a / 2 + 20);
        EXPECT_TRUE(passes(quad, guard)) << quad;
        EXPECT_TRUE(passes(fmt::format("[::ffff:{}]", quad), guard)) << quad;
    }
    for (const char* host : {"example.com",
                             "example.com.",
                             "EXAMPLE.com",
                             "localhost.example.com",
                             "notlocalhost",
                             "mylocal",
                             "a.locale",
                             "internal.example.com",
                             "10.example.com",
                             "0x7f.example",
                             "127.0.0.1.example.com",
                             "xn--bcher-kva.example",
                             "1e100.net",
                             "a-b.c_d.example",
                             "2130706433.example",
                             "[2606:4700::1111]",
                             "[2001:4860:4860::8888]",
                             "[2a00:1450:4001:82a::200e]",
                             "[64:ff9b::808:808]",
                             "[2002:808:808::1]",
                             "8.8.8.8",
                             "1.1.1.1",
                             "93.184.216.34",
                             "a.b.c.d.e.f",
                             "deadbeef",
                             "face.b00c",
                             "0xg.example",
                             "x1.2.3.4x",
                             "service"}) {
        ++tried;
        EXPECT_TRUE(passes(host, guard)) << host;
    }
    EXPECT_GE(tried, 100);
}

TEST(AddressGuard, opens_for_everything_or_for_ranges) {
    EXPECT_TRUE(AddressGuard::create("1")->allows(address("169.254.169.254")));
    EXPECT_TRUE(AddressGuard::create("all")->allows_everything());
    for (const char* nothing : {"", "0", "false", " "}) {
        EXPECT_FALSE(AddressGuard::create(nothing)->allows(address("127.0.0.1"))) << nothing;
    }
    const auto guard = AddressGuard::create("10.0.0.0/8, 127.0.0.1,fd00::/8 ,192.168.4.0/22");
    ASSERT_TRUE(guard);
    for (const char* text : {"10.0.0.0", "10.255.255.255", "127.0.0.1", "fd12::1", "192.168.7.255", "8.8.8.8"}) {
        EXPECT_TRUE(guard->allows(address(text))) << text;
    }
    for (const char* text : {"127.0.0.2", "fc00::1", "192.168.8.0", "192.168.3.255", "169.254.169.254", "::1"}) {
        EXPECT_FALSE(guard->allows(address(text))) << text;
    }
}

TEST(AddressGuard, names_the_part_that_is_no_range) {
    for (const char* part :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "host", "::/129", "yes"}) {
        const auto guard = AddressGuard::create(fmt::format("127.0.0.1,{}", part));
        ASSERT_FALSE(guard) << part;
        EXPECT_THAT(guard.error().message, HasSubstr(fmt::format("'{}'", part)));
    }
    EXPECT_FALSE(AddressGuard::create("10.0.0.0/8,,127.0.0.1"));
}

TEST(AddressGuard, says_why_a_literal_is_refused) {
    const AddressGuard guard;
    EXPECT_THAT(*refused_literal(*parse_url("http://127.0.0.1/"), guard),
                HasSubstr("'127.0.0.1' is not a public address"));
    EXPECT_THAT(*refused_literal(*parse_url("http://[::1]/"), guard), HasSubstr("'::1'"));
    EXPECT_THAT(*refused_literal(*parse_url("http://a.internal/"), guard), HasSubstr("PUNKT_ALLOW_PRIVATE_TARGETS"));
    EXPECT_FALSE(refused_literal(*parse_url("http://example.com/"), guard));
}

TEST(AddressGuard, lets_local_names_pass_when_their_network_is_allowed) {
    const auto loopback = AddressGuard::create("127.0.0.0/8");
    const auto lan = AddressGuard::create("10.0.0.0/8");
    EXPECT_FALSE(refused_literal(*parse_url("http://localhost/"), *loopback));
    EXPECT_TRUE(refused_literal(*parse_url("http://localhost/"), *lan));
    EXPECT_FALSE(refused_literal(*parse_url("http://db.internal/"), *lan));
    EXPECT_FALSE(refused_literal(*parse_url("http://127.0.0.1/"), *AddressGuard::create("1")));
}

TEST(AddressGuard, forbids_own_listeners_even_when_everything_is_allowed) {
    AddressGuard guard = *AddressGuard::create("1");
    guard.forbid(address("127.0.0.1"), 4000);
    EXPECT_TRUE(guard.forbids(address("127.0.0.1"), 4000));
    EXPECT_TRUE(guard.forbids(address("::ffff:127.0.0.1"), 4000));
    EXPECT_TRUE(guard.forbids(address("0.0.0.0"), 4000));
    EXPECT_FALSE(guard.forbids(address("127.0.0.1"), 4001));
    EXPECT_FALSE(guard.forbids(address("127.0.0.2"), 4000));
}

TEST(AddressGuard, forbids_every_own_address_for_a_listener_on_any_address) {
    AddressGuard guard = *AddressGuard::create("1");
    guard.forbid(address("0.0.0.0"), 4000);
    for (const char* text : {"127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::"}) {
        EXPECT_TRUE(guard.forbids(address(text), 4000)) << text;
    }
    EXPECT_FALSE(guard.forbids(address("93.184.216.34"), 4000));
}

}  // namespace
}  // namespace punkt::net

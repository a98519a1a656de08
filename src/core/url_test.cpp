#include "core/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/limits.h"

namespace punkt {
namespace {

using testing::HasSubstr;

std::string text_of(std::string_view url) {
    const auto parsed = parse_url(url);
    return parsed ? parsed->text() : "refused: " + parsed.error().message;
}

TEST(Url, is_normalised) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"http://example.com", "http://example.com/"},
        {"HTTP://Example.COM/Path?Q=1", "http://example.com/Path?Q=1"},
        {"https://example.com:443/", "https://example.com/"},
        {"http://example.com:443/", "http://example.com:443/"},
        {"http://example.com:80", "http://example.com/"},
        {"http://example.com:", "http://example.com/"},
        {"http://example.com?x=1", "http://example.com/?x=1"},
        {"http://example.com/#top", "http://example.com/"},
        {"http://example.com#@127.0.0.1/", "http://example.com/"},
        {"http://example.com./", "http://example.com/"},
        {"http://localhost.:4000/a", "http://localhost:4000/a"},
        {"http://my_service:8080/hook", "http://my_service:8080/hook"},
        {"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"},
        {"http://93.184.216.34/", "http://93.184.216.34/"},
        {"http://[2001:DB8:0:0:0:0:0:1]:8080/", "http://[2001:db8::1]:8080/"},
        {"http://[::ffff:7f00:1]/", "http://127.0.0.1/"},
        {"http://example.com/a/../b/./c%2F%00", "http://example.com/a/../b/./c%2F%00"},
        {"http://example.com/?a[]=1|2&b={c}", "http://example.com/?a[]=1|2&b={c}"},
        {"http://a.b/@c", "http://a.b/@c"},
        {"http://0x7f.example/", "http://0x7f.example/"},
    };
    for (const auto& [given, expected] : table) EXPECT_EQ(text_of(given), expected) << given;
}

TEST(Url, has_parts) {
    const auto url = parse_url("https://[2606:4700::1111]:8443/a/b?c=d#e");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->https);
    EXPECT_TRUE(url->host_is_ipv6);
    EXPECT_EQ(url->host, "2606:4700::1111");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a/b?c=d");
    EXPECT_EQ(url->origin(), "https://[2606:4700::1111]:8443");
    EXPECT_EQ(url->host_header(), "[2606:4700::1111]:8443");
    EXPECT_EQ(parse_url("http://a.b/")->origin(), "http://a.b:80");
    EXPECT_EQ(parse_url("http://a.b/")->host_header(), "a.b");
}

using Refusals = std::vector<std::pair<std::string, std::string>>;

void expect_refused(const Refusals& table) {
    for (const auto& [given, reason] : table) {
        const auto url = parse_url(given);
        ASSERT_FALSE(url) << given;
        EXPECT_EQ(url.error().kind, ErrorKind::invalid);
        EXPECT_THAT(url.error().message, HasSubstr("must be a valid HTTP or HTTPS URL")) << given;
        EXPECT_THAT(url.error().message, HasSubstr(reason)) << given;
    }
}

TEST(Url, with_a_bad_port_is_refused) {
    expect_refused({
        {"http://a:80:80/", "is not a port"},
        {"http://a:8o/", "is not a port"},
        {"http://a:-1/", "is not a port"},
        {"http://a:+80/", "is not a port"},
        {"http://a:000080/", "is not a port"},
        {"http://a:0/", "from 1 to 65535"},
        {"http://a:65536/", "from 1 to 65535"},
    });
}

TEST(Url, is_refused_with_a_reason) {
    expect_refused({
        {"", "empty"},
        {"example.com", "must start with http"},
        {"ftp://example.com/", "must start with http"},
        {"file:///etc/passwd", "must start with http"},
        {"gopher://example.com/", "must start with http"},
        {"javascript:alert(1)", "must start with http"},
        {"http:example.com", "must start with http"},
        {"http:/example.com", "must start with http"},
        {"//example.com", "must start with http"},
        {"http://", "host is missing"},
        {"http:///path", "host is missing"},
        {"http://:80/", "host is missing"},
        {"http://./", "host is missing"},
        {"http://?x", "host is missing"},
        {"http://a..b/", "empty label"},
        {"http://.a/", "empty label"},
        {"http://a../", "empty label"},
        {"http://user@example.com/", "user names"},
        {"http://user:password@example.com/", "user names"},
        {"http://public.example@127.0.0.1/", "user names"},
        {"http://@example.com/", "user names"},
        {"http://example.com\\@127.0.0.1/", "backslash"},
        {"http:\\\\example.com/", "backslash"},
        {"http://example.com/\\", "backslash"},
        {"http://exa mple.com/", "blank"},
        {" http://example.com/", "blank"},
        {"http://example.com/a b", "blank"},
        {"http://example.com/\r\nhost: evil", "control"},
        {"http://exa\tmple.com/", "control"},
        {std::string("http://example.com/\0", 20), "control"},
        {"http://example.com/\x7f", "control"},
        {"http://b\xc3\xbc"
         "cher.example/",
         "punycode"},
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", "punycode"},
        {"http://example%2ecom/", "'%' is not allowed"},
        {"http://127.0.0.1%00.example.com/", "'%' is not allowed"},
        {"http://[::1/", "bracket"},
        {"http://[::1]x/", "bracket"},
        {"http://[::1%25eth0]/", "IPv6"},
        {"http://[fe80::1%eth0]/", "IPv6"},
        {"http://[127.0.0.1]/", "IPv6"},
        {"http://[]/", "IPv6"},
        {"http://[1::2::3]/", "IPv6"},
        {"http://[1:2:3:4:5:6:7]/", "IPv6"},
        {"http://[1:2:3:4:5:6:7:8:9]/", "IPv6"},
        {"http://[12345::]/", "IPv6"},
        {"http://[::1.2.3]/", "IPv6"},
        {"http://::1/", "port"},
        {"http://a]b/", "']' is not allowed"},
        {"http://" + std::string(64, 'a') + "/", "63"},
        {"http://a." + std::string(252, 'a') + "/", "253"},
        {"http://a/" + std::string(limits::url_bytes, 'a'), "longer than 8192"},
    });
}

TEST(Url, refuses_numbers_that_resolvers_read_as_addresses) {
    for (const char* host : {"2130706433",   "017700000001",
                             "0x7f000001",   "0x7f.1",
                             "0177.0.0.1",   "127.1",
                             "127.0.1",      "127.0.0.01",
                             "127.0.0.0x1",  "0",
                             "0x",           "1.2.3.4.5",
                             "256.0.0.1",    "1.2.3.256",
                             "1.2.3.",       "127.0.0.00001",
                             "0x7F.0.0.0x1", "a.1",
                             "example.0x1f", "1..2",
                             "00.0.0.0"}) {
        EXPECT_FALSE(parse_url(std::string("http://") + host + "/")) << host;
    }
}

TEST(Url, may_be_as_long_as_the_limit) {
    std::string text = "http://a.example/?";
    text.append(limits::url_bytes - text.size(), 'q');
    EXPECT_EQ(text_of(text), text);
}

// The normal examples of RFC 3986 §5.4.1 and the abnormal ones of §5.4.2, without those that are not http.
TEST(Url, resolves_references) {
    const auto base = parse_url("http://a/b/c/d;p?q");
    ASSERT_TRUE(base);
    const std::vector<std::pair<std::string, std::string>> table = {
        {"http://g", "http://g/"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"//127.0.0.1/x", "http://127.0.0.1/x"},
        {"https://h:8/x/../y", "https://h:8/y"},
        {"/caf\xc3\xa9 bar", "http://a/caf%C3%A9%20bar"},
        {"http://h/\xc3\xa9", "http://h/%C3%A9"},
        {"a:b/c", "refused"},
        {"http:g", "refused"},
        {"file:///etc/passwd", "refused"},
        {"///x", "refused"},
        {"http://u@h/", "refused"},
        {"/x\r\ny", "refused"},
        {"\\\\evil", "refused"},
        {"//0x7f.1/", "refused"},
        {"//\xc3\xa9/", "refused"},
    };
    for (const auto& [location, expected] : table) {
        const auto url = resolve_url(*base, location);
        EXPECT_EQ(url ? url->text() : "refused", expected) << location;
    }
}

TEST(Url, does_not_grow_without_end_through_relative_references) {
    const auto base = parse_url("http://a/" + std::string(5000, 'b') + "/");
    ASSERT_TRUE(base);
    EXPECT_TRUE(resolve_url(*base, std::string(3000, 'c')));
    EXPECT_FALSE(resolve_url(*base, std::string(5000, 'c')));
    EXPECT_FALSE(resolve_url(*base, "/" + std::string(4000, ' ')));
}

}  // namespace
}  // namespace punkt

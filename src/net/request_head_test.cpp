#include "net/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punkt::net {
namespace {

using testing::HasSubstr;

std::string head(Method method, std::string_view url, const Headers& headers = {},
                 std::optional<std::size_t> body_bytes = std::nullopt) {
    const auto built = request_head(method, *parse_url(url), headers, body_bytes);
    return built ? *built : "refused: " + built.error().message;
}

TEST(RequestHead, names_the_host_and_the_length) {
    EXPECT_EQ(head(Method::post, "http://a.example:8080/hook?x=1", {{"X-Own", "v 1"}}, 12),
              "POST /hook?x=1 HTTP/1.1\r\nhost: a.example:8080\r\nX-Own: v 1\r\ncontent-length: 12\r\n\r\n");
    EXPECT_EQ(head(Method::get, "https://[2001:db8::1]/"), "GET / HTTP/1.1\r\nhost: [2001:db8::1]\r\n\r\n");
}

TEST(RequestHead, says_that_a_post_has_no_body) {
    for (const Method method : {Method::post, Method::put, Method::patch}) {
        EXPECT_THAT(head(method, "http://a/"), HasSubstr("content-length: 0\r\n"));
    }
    for (const Method method : {Method::get, Method::delete_, Method::head, Method::options}) {
        EXPECT_THAT(head(method, "http://a/"), testing::Not(HasSubstr("content-length")));
    }
}

TEST(RequestHead, leaves_out_headers_of_the_transport) {
    const Headers headers = {{"Host", "evil"},           {"content-length", "0"}, {"Transfer-Encoding", "chunked"},
                             {"CONNECTION", "close"},    {"upgrade", "h2c"},      {"te", "trailers"},
                             {"trailer", "x"},           {"keep-alive", "1"},     {"proxy-connection", "close"},
                             {"expect", "100-continue"}, {"hosts", "kept"}};
    EXPECT_EQ(head(Method::put, "http://a/", headers, 3),
              "PUT / HTTP/1.1\r\nhost: a\r\nhosts: kept\r\ncontent-length: 3\r\n\r\n");
}

TEST(RequestHead, never_lets_a_header_become_another_line) {
    for (const Headers& headers : std::vector<Headers>{{{"a", "b\r\nhost: evil"}},
                                                       {{"a", "b\n"}},
                                                       {{"a", "b\r"}},
                                                       {{"a", std::string("b\0", 2)}},
                                                       {{"a: b\r\nc", "d"}},
                                                       {{"a b", "c"}},
                                                       {{"a:", "c"}},
                                                       {{"", "c"}}}) {
        EXPECT_THAT(head(Method::get, "http://a/", headers), HasSubstr("refused"));
    }
    EXPECT_THAT(head(Method::get, "http://a/", {{"x", "tab\tand \xc3\xa4"}}), HasSubstr("x: tab\tand \xc3\xa4\r\n"));
}

}  // namespace
}  // namespace punkt::net

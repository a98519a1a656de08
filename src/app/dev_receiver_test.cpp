#include "app/dev_receiver.h"

#include <gtest/gtest.h>

namespace punkt::app {
namespace {

TEST(DevReceiver, shows_line_punkt_headers_and_body) {
    EXPECT_EQ(
        shown_delivery({.method = "POST",
                        .path = "/hello",
                        .query = "a=1",
                        .headers = {{"host", "127.0.0.1"}, {"punkt-attempt", "2"}, {"content-type", "text/plain"}},
                        .body = "hi"}),
        "--> POST /hello?a=1\n    punkt-attempt: 2\n    content-type: text/plain\n    hi\n");
}

TEST(DevReceiver, does_not_hand_control_bytes_to_the_terminal) {
    EXPECT_EQ(shown_delivery({.method = "GET", .path = "/", .headers = {{"punkt-x", "\033[2J"}}, .body = "a\033b\nc"}),
              "--> GET /\n    punkt-x: .[2J\n    a.b\nc\n");
}

TEST(DevReceiver, cuts_a_long_body) {
    const std::string shown = shown_delivery({.method = "POST", .path = "/", .body = std::string(5'000, 'x')});
    EXPECT_LT(shown.size(), 2'200U);
    EXPECT_NE(shown.find("… (5000 bytes)"), std::string::npos);
}

TEST(DevReceiver, answers_with_the_status_that_the_url_asks_for) {
    EXPECT_EQ(answer_delivery({.method = "POST", .path = "/", .query = "status=503"}).status, 503);
    EXPECT_EQ(answer_delivery({.method = "POST", .path = "/", .query = "a=1&status=410"}).status, 410);
    for (const char* query : {"", "status=", "status=abc", "status=99", "status=1000", "xstatus=503"})
        EXPECT_EQ(answer_delivery({.method = "POST", .path = "/", .query = query}).status, 200) << query;
    EXPECT_EQ(answer_delivery({.method = "POST", .path = "/p", .body = "abc"}).body,
              R"({"received":{"method":"POST","path":"/p","body_bytes":3}})");
}

TEST(DevReceiver, moves_aside_when_its_port_is_taken) {
    auto first = DevReceiver::create(0, [](const std::string&) {});
    ASSERT_TRUE(first) << first.error().message;
    auto second = DevReceiver::create((*first)->port(), [](const std::string&) {});
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE((*first)->port(), (*second)->port());
}

}  // namespace
}  // namespace punkt::app

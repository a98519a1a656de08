// Which addresses the HTTP client calls, and which it never does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/http_client.h"
#include "testing/client_house.h"
#include "testing/raw_server.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::ClientHouse;
using punkt::testing::RawServer;
using punkt::testing::Script;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Request post(const std::string& url, const std::string& body) {
    Request request;
    request.url = url;
    request.body = std::make_shared<std::string>(body);
    return request;
}

TEST(HttpClientGuard, refuses_redirects_to_private_addresses) {
    RawServer server;
    ClientOptions options;
    options.guard = *AddressGuard::create("127.0.0.1");
    ClientHouse house(options);
    house.names->say("inside.example", {{"10.0.0.1"}});
    for (const char* target :
         {"http://169.254.169.254/latest/meta-data", "http://[fd00:ec2::254]/", "http://[::1]:80/", "http://127.0.0.2/",
          "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/", "//192.168.0.1/", "http://inside.example/"}) {
        server.on("/", Script::answer(307, {}, fmt::format("location: {}\r\n", target)));
        const Answer answer = house.call(post(server.url("/"), "b"));
        EXPECT_EQ(answer.failure, Failure::blocked) << target;
        EXPECT_THAT(answer.error, HasSubstr("PUNKT_ALLOW_PRIVATE_TARGETS"));
    }
    for (const char* target :
         {"file:///etc/passwd", "gopher://127.0.0.1:70/", "http://2130706433/", "http://0x7f.1/"}) {
        server.on("/", Script::answer(302, {}, fmt::format("location: {}\r\n", target)));
        EXPECT_EQ(house.get(server.url("/")).failure, Failure::protocol) << target;
    }
    EXPECT_EQ(house.client->statistics().connected, 1u) << "no hop was ever reached";
}

TEST(HttpClientGuard, refuses_private_addresses_by_default) {
    RawServer server;
    ClientHouse house(ClientOptions{});
    house.names->say("sneaky.example", {{"127.0.0.1"}});
    for (const std::string& url : {server.url("/"), fmt::format("http://localhost:{}/", server.port()),
                                   fmt::format("http://a.localhost:{}/", server.port()),
                                   fmt::format("http://sneaky.example:{}/", server.port())}) {
        const Answer answer = house.get(url);
        EXPECT_EQ(answer.failure, Failure::blocked) << url;
        EXPECT_THAT(answer.error, HasSubstr("is not a public address; allow it with PUNKT_ALLOW_PRIVATE_TARGETS"))
            << url;
    }
    EXPECT_THAT(house.get(fmt::format("http://sneaky.example:{}/", server.port())).error,
                StartsWith("'sneaky.example' is at 127.0.0.1"));
    EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientGuard, is_not_fooled_by_names_that_change_their_mind) {
    RawServer server;
    ClientOptions options;
    options.guard = *AddressGuard::create("127.0.0.1");
    options.dns_cache = 0ms;
    ClientHouse house(options);
    // Allowed at first, then not; and answers that mix both.
    house.names->say("rebind.example", {{"127.0.0.1"}, {"127.0.0.2"}, {"10.0.0.1", "127.0.0.3"}, {"::1"}});
    house.names->say("mixed.example", {{"10.9.9.9", "::1", "127.0.0.1", "192.168.1.1"}});
    server.on("/", Script::answer(200, {}, "connection: close\r\n"));
    const std::string rebind = fmt::format("http://rebind.example:{}/", server.port());
    EXPECT_EQ(house.get(rebind).status, 200);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(house.get(rebind).failure, Failure::blocked);
    EXPECT_EQ(house.names->lookups("rebind.example"), 4);
    const Answer mixed = house.get(fmt::format("http://mixed.example:{}/", server.port()));
    EXPECT_EQ(mixed.status, 200) << mixed.error;
    EXPECT_EQ(mixed.address, fmt::format("127.0.0.1:{}", server.port()));
}

TEST(HttpClientGuard, never_calls_punkt_itself) {
    RawServer server;
    ClientOptions options = ClientHouse::open_options();
    options.guard.forbid(*Address::parse("0.0.0.0"), server.port());
    ClientHouse house(options);
    house.names->say("me.example", {{"127.0.0.1"}});
    for (const char* host : {"127.0.0.1", "127.0.0.9", "0.0.0.0", "localhost", "me.example"}) {
        const Answer answer = house.get(fmt::format("http://{}:{}/", host, server.port()));
        EXPECT_EQ(answer.failure, Failure::blocked) << host;
        EXPECT_THAT(answer.error, HasSubstr("is Punkt itself"));
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientGuard, asks_for_a_name_once_and_remembers_it) {
    RawServer server;
    server.on("/", Script::answer(200, {}, "connection: close\r\n"));
    ClientHouse house;
    house.names->say("a.example", {{"127.0.0.1"}});
    const std::string url = fmt::format("http://a.example:{}/", server.port());
    const Answer first = house.get(url);
    EXPECT_EQ(first.status, 200) << first.error;
    EXPECT_TRUE(first.timings.dns_us);
    EXPECT_THAT(server.seen()[0].head, HasSubstr(fmt::format("host: a.example:{}\r\n", server.port())));
    EXPECT_FALSE(house.get(url).timings.dns_us);
    EXPECT_EQ(house.names->lookups("a.example"), 1);
}

TEST(HttpClientGuard, says_when_a_name_has_no_address_or_nobody_answers_for_it) {
    ClientOptions options = ClientHouse::open_options();
    options.dns_timeout = 30ms;
    ClientHouse house(options);
    const Answer missing = house.get("http://nope.invalid/");
    EXPECT_EQ(missing.failure, Failure::dns);
    EXPECT_EQ(missing.error, "no address found for 'nope.invalid'");

    house.names->hang("slow.example");
    const Answer slow = house.get("http://slow.example/");
    EXPECT_EQ(slow.failure, Failure::dns);
    EXPECT_THAT(slow.error, HasSubstr("did not answer for 'slow.example' within 30 ms"));
    EXPECT_EQ(house.get("http://slow.example/").failure, Failure::dns);
    EXPECT_EQ(house.names->lookups("slow.example"), 1) << "the first question is still out";

    Request request;
    request.url = "http://slow.example/";
    request.timeout = 10ms;
    const Answer late = house.call(std::move(request));
    EXPECT_EQ(late.failure, Failure::timeout);
    EXPECT_THAT(late.error, HasSubstr("looking up the address"));
}

TEST(HttpClientGuard, reaches_localhost_on_whichever_address_accepts) {
    ClientHouse house;
    for (const char* address : {"127.0.0.1", "::1"}) {
        RawServer server(address);
        server.on("/", Script::answer(200));
        for (const char* host : {"localhost", "LOCALHOST.", "app.localhost"}) {
            const Answer answer = house.get(fmt::format("http://{}:{}/", host, server.port()));
            EXPECT_EQ(answer.status, 200) << address << ": " << answer.error;
        }
        EXPECT_EQ(house.names->lookups("localhost"), 0);
    }
    std::uint16_t dead = RawServer().port();
    EXPECT_EQ(house.get(fmt::format("http://localhost:{}/", dead)).error,
              fmt::format("connection refused by 127.0.0.1:{}", dead));
}

TEST(HttpClientGuard, tries_the_next_address) {
    RawServer server;
    server.on("/", Script::answer(200));
    ClientHouse house;
    house.names->say("two.example", {{"127.0.0.2", "127.0.0.1"}});
    const Answer answer = house.get(fmt::format("http://two.example:{}/", server.port()));
    EXPECT_EQ(answer.status, 200) << answer.error;
    EXPECT_EQ(answer.address, fmt::format("127.0.0.1:{}", server.port()));
}

TEST(HttpClientGuard, refuses_bad_urls_and_headers) {
    ClientHouse house;
    EXPECT_EQ(house.get("http://user@127.0.0.1/").failure, Failure::protocol);
    RawServer server;
    Request request = post(server.url("/"), "b");
    request.headers = {{"x", "a\r\nhost: evil"}};
    const Answer answer = house.call(std::move(request));
    EXPECT_EQ(answer.failure, Failure::protocol);
    EXPECT_THAT(answer.error, HasSubstr("header 'x'"));
    EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace punkt::net

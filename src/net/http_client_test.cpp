#include "net/http_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/client_house.h"
#include "testing/raw_server.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::ClientHouse;
using punkt::testing::RawServer;
using punkt::testing::Script;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Request post(const std::string& url, const std::string& body) {
    Request request;
    request.url = url;
    request.body = std::make_shared<std::string>(body);
    return request;
}

/// A port of 127.0.0.1 on which nobody listens (any more).
std::uint16_t dead_port() { return RawServer().port(); }

TEST(HttpClient, sends_what_was_asked_and_returns_what_came) {
    RawServer server;
    server.on("/hook", Script::answer(201, "made", "retry-after: 7\r\npunkt-no-retry: 1\r\n"));
    ClientHouse house;
    Request request = post(server.url("/hook?a=1"), "{\"x\":1}");
    request.headers = {{"content-type", "application/json"}, {"x-own", "v"}, {"host", "evil"}};
    const Answer answer = house.call(std::move(request));

    EXPECT_EQ(answer.failure, Failure::none) << answer.error;
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "made");
    EXPECT_FALSE(answer.body_truncated);
    EXPECT_EQ(answer.address, fmt::format("127.0.0.1:{}", server.port()));
    EXPECT_EQ(answer.retry_after, "7");
    EXPECT_TRUE(answer.no_retry);
    EXPECT_THAT(answer.response_head, StartsWith("HTTP/1.1 201 Status\r\ncontent-length: 4\r\n"));
    ASSERT_EQ(server.seen().size(), 1u);
    const auto seen = server.seen()[0];
    EXPECT_EQ(seen.head, answer.request_head);
    EXPECT_EQ(seen.head,
              fmt::format("POST /hook?a=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\n"
                          "x-own: v\r\ncontent-length: 7\r\n\r\n",
                          server.port()));
    EXPECT_EQ(seen.body, "{\"x\":1}");
}

TEST(HttpClient, says_where_the_time_went) {
    RawServer server;
    server.on("/", Script().wait(20ms).send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n").wait(20ms).send("x"));
    ClientHouse house;
    const Answer first = house.get(server.url("/"));
    ASSERT_EQ(first.status, 200) << first.error;
    EXPECT_FALSE(first.timings.dns_us);
    ASSERT_TRUE(first.timings.connect_us && first.timings.first_byte_us);
    EXPECT_FALSE(first.timings.tls_us);
    EXPECT_GE(*first.timings.first_byte_us, *first.timings.connect_us + 20'000);
    EXPECT_GE(first.timings.total_us, *first.timings.first_byte_us + 20'000);
    EXPECT_FALSE(house.get(server.url("/")).timings.connect_us) << "the connection is reused";
}

TEST(HttpClient, reuses_connections) {
    RawServer server;
    server.on("/", Script::answer(200, "ok"));
    server.on("/close", Script::answer(200, "ok", "connection: close\r\n"));
    ClientHouse house;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(house.get(server.url("/")).status, 200);
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(house.get(server.url("/close")).status, 200);
    EXPECT_EQ(house.get(server.url("/")).status, 200);
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(house.client->statistics().reused, 5u);
}

TEST(HttpClient, opens_as_many_connections_as_a_host_may_have_and_serves_the_others_in_turn) {
    RawServer server;
    server.on("/", Script().wait(2ms).send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    ClientOptions options = ClientHouse::open_options();
    options.connections_per_host_max = 3;
    ClientHouse house(options);
    std::vector<std::uint64_t> tickets;
    for (int i = 0; i < 30; ++i) tickets.push_back(house.start(post(server.url("/"), "b")));
    for (const auto ticket : tickets) EXPECT_EQ(house.box.take(ticket).status, 200);
    EXPECT_EQ(server.connections(), 3);
}

TEST(HttpClient, keeps_within_the_total_of_connections_and_lets_no_host_wait_for_ever) {
    std::vector<std::unique_ptr<RawServer>> servers;
    for (int i = 0; i < 4; ++i) {
        servers.push_back(std::make_unique<RawServer>());
        servers.back()->on("/", Script().wait(1ms).send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    }
    ClientOptions options = ClientHouse::open_options();
    options.connections_max = 2;
    ClientHouse house(options);
    std::vector<std::uint64_t> tickets;
    for (int i = 0; i < 80; ++i)
        tickets.push_back(house.start(post(servers[static_cast<std::size_t>(i) / 20]->url("/"), "b")));
    for (const auto ticket : tickets) EXPECT_EQ(house.box.take(ticket).status, 200);
    EXPECT_LE(house.client->statistics().open, 2u);
}

TEST(HttpClient, tries_again_once_when_the_server_closed_an_idle_connection) {
    RawServer server;
    // The close waits for the next request, so that it looks alive when it is taken.
    server.on("/", {Script::answer(200, "first"), Script().close(), Script::answer(200, "second")});
    ClientHouse house;
    EXPECT_EQ(house.get(server.url("/")).body, "first");
    const Answer again = house.call(post(server.url("/"), "body"));
    EXPECT_EQ(again.body, "second") << again.error;
    EXPECT_EQ(server.connections(), 2);
    EXPECT_EQ(server.seen().size(), 3u);
}

TEST(HttpClient, does_not_try_again_after_the_first_byte_or_on_a_new_connection) {
    RawServer server;
    server.on("/", {Script::answer(200), Script().send("H").close(), Script::answer(200)});
    server.on("/new", {Script().close(), Script::answer(200)});
    ClientHouse house;
    EXPECT_EQ(house.get(server.url("/")).status, 200);
    const Answer broken = house.get(server.url("/"));
    EXPECT_EQ(broken.failure, Failure::connection);
    EXPECT_THAT(broken.error, HasSubstr("in the middle of the headers"));
    const Answer fresh = house.get(server.url("/new"));
    EXPECT_EQ(fresh.failure, Failure::connection);
    EXPECT_THAT(fresh.error, HasSubstr("before an answer came"));
    EXPECT_EQ(server.seen().size(), 3u);
}

TEST(HttpClient, names_who_refused_or_reset_the_connection) {
    ClientHouse house;
    const auto port = dead_port();
    const Answer refused = house.get(fmt::format("http://127.0.0.1:{}/", port));
    EXPECT_EQ(refused.failure, Failure::connect);
    EXPECT_EQ(refused.error, fmt::format("connection refused by 127.0.0.1:{}", port));
    EXPECT_FALSE(refused.status);

    RawServer server;
    server.on("/", Script().reset());
    server.on("/half", Script().send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").wait(5ms).reset());
    const Answer reset = house.get(server.url("/"));
    EXPECT_EQ(reset.failure, Failure::connection);
    EXPECT_THAT(reset.error, HasSubstr("reset"));
    EXPECT_EQ(house.get(server.url("/half")).failure, Failure::connection);
}

TEST(HttpClient, ends_an_attempt_at_its_deadline) {
    RawServer server;
    server.on("/silent", Script().hang());
    server.on("/dribble",
              Script().send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").dribble(std::string(1000, 'x'), 5ms));
    server.on("/slow-head", Script().dribble("HTTP/1.1 200 OK\r\n" + std::string(1000, 'x'), 5ms));
    ClientHouse house;
    for (const char* path : {"/silent", "/dribble", "/slow-head"}) {
        Request request = post(server.url(path), "b");
        request.timeout = 100ms;
        const Answer answer = house.call(std::move(request));
        EXPECT_EQ(answer.failure, Failure::timeout) << path;
        EXPECT_THAT(answer.error, HasSubstr("100 ms passed while waiting for the answer"));
        EXPECT_GE(answer.timings.total_us, 100'000);
        EXPECT_LE(answer.timings.total_us, 600'000);
        EXPECT_FALSE(answer.status);
    }
    EXPECT_TRUE(server.wait_for_closed(3));
}

TEST(HttpClient, counts_the_wait_for_a_connection_into_the_deadline) {
    RawServer server;
    server.on("/", Script().hang());
    ClientOptions options = ClientHouse::open_options();
    options.connections_per_host_max = 1;
    ClientHouse house(options);
    Request first = post(server.url("/"), "b"), second = post(server.url("/"), "b");
    first.timeout = 5'000ms;
    second.timeout = 50ms;
    house.start(std::move(first));
    const Answer answer = house.call(std::move(second));
    EXPECT_EQ(answer.failure, Failure::timeout);
    EXPECT_THAT(answer.error, HasSubstr("waiting for a free connection"));
}

TEST(HttpClient, stops_reading_endless_bodies) {
    RawServer server;
    server.on("/length",
              Script().send("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").flood(std::string(65'536, 'x')));
    server.on("/close", Script().send("HTTP/1.1 200 OK\r\n\r\n").flood(std::string(65'536, 'x')));
    server.on("/chunks",
              Script().send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").flood("5\r\nhello\r\n"));
    ClientHouse house;
    for (const char* path : {"/length", "/close", "/chunks"}) {
        Request request = post(server.url(path), "b");
        request.body_bytes_max = 10'000;
        const Answer answer = house.call(std::move(request));
        EXPECT_EQ(answer.status, 200) << path << answer.error;
        EXPECT_EQ(answer.body.size(), 10'000u);
        EXPECT_TRUE(answer.body_truncated);
    }
    EXPECT_TRUE(server.wait_for_closed(3)) << "such a connection is closed, not reused";
}

TEST(HttpClient, fails_on_what_is_not_strictly_http_and_does_not_reuse_it) {
    const std::vector<std::pair<std::string, Script>> bad = {
        {"header-flood", Script().send("HTTP/1.1 200 OK\r\n").flood("a: b\r\n")},
        {"long-line", Script().send("HTTP/1.1 200 OK\r\na: ").flood(std::string(1000, 'x'))},
        {"bare-lf", Script().send("HTTP/1.1 200 OK\ncontent-length: 0\n\n")},
        {"obs-fold", Script().send("HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 0\r\n\r\n")},
        {"bad-chunk", Script().send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")},
        {"cl-te", Script().send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")},
        {"storm", Script().flood("HTTP/1.1 100 Continue\r\n\r\n")},
        {"banner", Script().send("220 smtp.example ESMTP\r\n")},
    };
    RawServer server;
    ClientHouse house;
    int connections = 0;
    for (const auto& [name, script] : bad) {
        server.on("/" + name, script);
        const Answer answer = house.get(server.url("/" + name));
        EXPECT_EQ(answer.failure, Failure::protocol) << name << ": " << answer.error;
        EXPECT_FALSE(answer.error.empty());
        EXPECT_TRUE(server.wait_for_closed(++connections)) << name;
    }
}

TEST(HttpClient, does_not_reuse_a_connection_on_which_too_much_came) {
    RawServer server;
    server.on("/",
              Script().send(
                  "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"));
    ClientHouse house;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(house.get(server.url("/")).body, "ok");
    EXPECT_EQ(server.connections(), 3);
}

TEST(HttpClient, reads_responses_without_body_and_until_close) {
    RawServer server;
    server.on("/head", Script().send("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n"));
    server.on("/204", Script().send("HTTP/1.1 204 No Content\r\n\r\n"));
    server.on("/close", Script().send("HTTP/1.0 200 OK\r\n\r\nuntil the end").close());
    server.on("/100", Script().send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    ClientHouse house;
    Request head;
    head.method = Method::head;
    head.url = server.url("/head");
    EXPECT_EQ(house.call(std::move(head)).status, 200);
    EXPECT_EQ(house.get(server.url("/204")).status, 204);
    EXPECT_EQ(house.get(server.url("/close")).body, "until the end");
    EXPECT_EQ(house.get(server.url("/100")).body, "ok");
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, sends_large_bodies_and_reads_large_answers) {
    RawServer server;
    const std::string large(3'000'000, 'q');
    server.on("/", Script::answer(200, large));
    ClientHouse house;
    Request request = post(server.url("/"), large);
    request.body_bytes_max = 4'000'000;
    const Answer answer = house.call(std::move(request));
    EXPECT_EQ(answer.status, 200) << answer.error;
    EXPECT_EQ(answer.body.size(), large.size());
    EXPECT_EQ(server.seen()[0].body.size(), large.size());
}

TEST(HttpClient, hears_a_server_that_answers_before_the_body_is_sent) {
    RawServer server;
    server.greet(Script().send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").close());
    ClientHouse house;
    const Answer answer = house.call(post(server.url("/"), "small"));
    EXPECT_EQ(answer.status, 413) << answer.error;
}

TEST(HttpClient, follows_redirects_hop_by_hop) {
    RawServer server, other;
    server.on("/a", Script::answer(302, "moved", "location: /b\r\n"));
    server.on("/b", Script::answer(307, {}, fmt::format("location: {}\r\n", other.url("/c"))));
    other.on("/c", Script::answer(200, "there"));
    ClientHouse house;
    Request request;
    request.method = Method::get;
    request.url = server.url("/a");
    request.headers = {{"authorization", "secret"}, {"x-own", "1"}};
    const Answer answer = house.call(std::move(request));
    EXPECT_EQ(answer.body, "there") << answer.error;
    EXPECT_THAT(answer.request_head, StartsWith("GET /c "));
    EXPECT_EQ(answer.address, fmt::format("127.0.0.1:{}", other.port()));
    EXPECT_THAT(server.seen()[1].head, HasSubstr("authorization: secret"));
    EXPECT_THAT(other.seen()[0].head, Not(HasSubstr("authorization")));
    EXPECT_THAT(other.seen()[0].head, HasSubstr("x-own: 1"));
}

TEST(HttpClient, ends_a_post_that_is_redirected_with_302) {
    RawServer server;
    server.on("/a", Script::answer(302, "body", "location: /b\r\nretry-after: 3\r\n"));
    ClientHouse house;
    const Answer answer = house.call(post(server.url("/a"), "b"));
    EXPECT_EQ(answer.failure, Failure::redirect);
    EXPECT_EQ(answer.status, 302);
    EXPECT_THAT(answer.error, HasSubstr(server.url("/b")));
    EXPECT_EQ(answer.body, "body");

    server.on("/b", Script::answer(200));
    Request request = post(server.url("/a"), "b");
    request.redirect_any_method = true;
    EXPECT_EQ(house.call(std::move(request)).status, 200);
    EXPECT_EQ(server.seen().back().method, "GET");
    EXPECT_EQ(server.seen().back().body, "");
}

TEST(HttpClient, gives_up_on_endless_redirects) {
    RawServer server;
    server.on("/", Script::answer(301, {}, "location: /\r\n"));
    ClientHouse house;
    const Answer answer = house.get(server.url("/"));
    EXPECT_EQ(answer.failure, Failure::protocol);
    EXPECT_THAT(answer.error, HasSubstr("more than 10 redirects"));
    EXPECT_EQ(server.seen().size(), 11u);
}

TEST(HttpClient, closes_connections_that_stay_idle) {
    RawServer server;
    server.on("/", Script::answer(200));
    ClientOptions options = ClientHouse::open_options();
    options.idle_connection_max = 30ms;
    ClientHouse house(options);
    EXPECT_EQ(house.get(server.url("/")).status, 200);
    EXPECT_TRUE(server.wait_for_closed(1));
}

TEST(HttpClient, answers_everything_when_it_stops) {
    RawServer server;
    server.on("/hang", Script().hang());
    server.on("/soon", Script().wait(20ms).send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    ClientOptions options = ClientHouse::open_options();
    options.connections_per_host_max = 2;
    ClientHouse house(options);
    house.names->hang("slow.example");
    const auto soon = house.start(post(server.url("/soon"), "b"));
    const auto hanging = house.start(post(server.url("/hang"), "b"));
    const auto waiting = house.start(post(server.url("/hang"), "b"));
    const auto asking = house.start(post("http://slow.example/", "b"));
    house.client->stop(300ms);
    EXPECT_EQ(house.box.count(), 4u);
    EXPECT_EQ(house.box.take(soon).status, 200);
    for (const auto ticket : {hanging, waiting, asking}) {
        const Answer answer = house.box.take(ticket);
        EXPECT_EQ(answer.failure, Failure::cancelled);
        EXPECT_EQ(answer.error, "Punkt is stopping");
    }
}

TEST(HttpClient, stops_at_once_when_nothing_is_out) {
    ClientHouse house;
    const Microseconds before = SystemClock().elapsed();
    house.client->stop(10s);
    EXPECT_LT(SystemClock().elapsed() - before, 5s);
}

TEST(HttpClient, works_on_several_threads) {
    RawServer server;
    server.on("/", Script::answer(200, "ok"));
    ClientOptions options = ClientHouse::open_options();
    options.threads = 3;
    ClientHouse house(options);
    std::vector<Request> batch;
    for (std::uint64_t ticket = 1; ticket <= 500; ++ticket) {
        batch.push_back(post(server.url("/"), std::to_string(ticket)));
        batch.back().ticket = ticket;
    }
    house.client->send(std::move(batch));
    for (std::uint64_t ticket = 1; ticket <= 500; ++ticket) EXPECT_EQ(house.box.take(ticket).status, 200);
    EXPECT_EQ(server.seen().size(), 500u);
}

}  // namespace
}  // namespace punkt::net

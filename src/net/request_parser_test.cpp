#include "net/request_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/request_vectors.h"

namespace punkt::net {
namespace {

constexpr RequestParser::Limits limits{.body_bytes_max = 1'000'000};

/// Feeds `bytes` in pieces of `step`, as a connection would: what is left is given again with more behind it.
RequestParser fed(std::string_view bytes, std::size_t step) {
    RequestParser parser(limits);
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && !parser.is_done() && !parser.has_failed(); at += step) {
        waiting += bytes.substr(at, step);
        waiting.erase(0, parser.feed(waiting));
    }
    return parser;
}

std::string outcome(const RequestParser& parser) {
    if (parser.has_failed()) return std::to_string(parser.status());
    return parser.is_done() ? "200" : "unfinished";
}

TEST(RequestParser, lets_a_path_have_a_body_limit_of_its_own) {
    const std::vector<std::pair<std::string, std::size_t>> at = {{"/large", 10}, {"/small", 2}};
    const auto status_of = [&](const char* path, const char* framing) {
        RequestParser parser({.body_bytes_max = 5, .body_bytes_max_at = at});
        const std::string text = fmt::format("POST {}?q HTTP/1.1\r\nHost: a\r\n{}", path, framing);
        for (std::string_view rest = text; !rest.empty();) {
            const std::size_t taken = parser.feed(rest);
            if (taken == 0) break;
            rest.remove_prefix(taken);
        }
        return parser.has_failed() ? parser.status() : 0;
    };
    EXPECT_EQ(0, status_of("/large", "Content-Length: 10\r\n\r\n0123456789"));
    EXPECT_EQ(413, status_of("/large", "Content-Length: 11\r\n\r\n"));
    EXPECT_EQ(413, status_of("/other", "Content-Length: 10\r\n\r\n"));
    EXPECT_EQ(413, status_of("/small", "Content-Length: 3\r\n\r\n"));
    EXPECT_EQ(0, status_of("/large", "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n"));
    EXPECT_EQ(413, status_of("/large", "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n"));
}

TEST(RequestParser, judges_every_vector_alike_however_it_is_cut) {
    const auto vectors = request_vectors();
    EXPECT_GE(vectors.size(), 200u);
    for (const RequestVector& vector : vectors) {
        for (const std::size_t step : {vector.bytes.size(), std::size_t{1}, std::size_t{7}}) {
            if (vector.bytes.size() > 10'000 && step < 100) continue;  // erase() makes small steps quadratic
            RequestParser parser = fed(vector.bytes, step);
            EXPECT_EQ(outcome(parser), std::to_string(vector.status))
                << vector.name << " in steps of " << step << ": " << parser.reason();
            if (vector.status == 200) {
                EXPECT_EQ(parser.request().body, vector.body) << vector.name;
            } else if (parser.has_failed()) {
                EXPECT_FALSE(parser.reason().empty()) << vector.name;
            }
        }
    }
}

TEST(RequestParser, takes_no_byte_beyond_the_request) {
    for (const RequestVector& vector : request_vectors()) {
        if (vector.status != 200) continue;
        RequestParser parser(limits);
        EXPECT_EQ(parser.feed(vector.bytes + "GET /next"), vector.bytes.size()) << vector.name;
    }
}

TEST(RequestParser, never_understands_a_request_that_is_cut_short) {
    for (const RequestVector& vector : request_vectors()) {
        if (vector.status != 200 || vector.bytes.size() > 2000) continue;
        for (std::size_t length = 0; length < vector.bytes.size(); ++length) {
            RequestParser parser(limits);
            (void)parser.feed(std::string_view(vector.bytes).substr(0, length));
            EXPECT_FALSE(parser.is_done()) << vector.name << " at " << length;
            EXPECT_FALSE(parser.has_failed()) << vector.name << " at " << length << ": " << parser.reason();
        }
    }
}

TEST(RequestParser, splits_the_request_into_its_parts) {
    RequestParser parser = fed(
        "POST /a%20b?c=d?e HTTP/1.1\r\nHost: x:1\r\nX-Thing:  one \t\r\nx-THING: two\r\nContent-Length: 3\r\n\r\nabc",
        4);
    ASSERT_TRUE(parser.is_done());
    const HttpRequest& request = parser.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/a%20b");
    EXPECT_EQ(request.query, "c=d?e");
    EXPECT_EQ(request.header("x-thing"), "one");
    EXPECT_EQ(request.headers.size(), 4u);
    EXPECT_EQ(request.headers[2].second, "two");
    EXPECT_EQ(request.header("absent"), std::nullopt);
    EXPECT_EQ(request.body, "abc");
}

TEST(RequestParser, believes_the_target_rather_than_the_host_header) {
    RequestParser parser = fed("GET http://right.example/p?q HTTP/1.1\r\nHost: wrong.example\r\n\r\n", 1);
    ASSERT_TRUE(parser.is_done());
    EXPECT_EQ(parser.request().path, "/p");
    EXPECT_EQ(parser.request().query, "q");
    EXPECT_EQ(parser.request().header("host"), "right.example");
}

TEST(RequestParser, knows_when_the_connection_goes_on) {
    const auto keeps = [](std::string_view version, std::string_view lines) {
        return fed("GET / " + std::string(version) + "\r\nhost: x\r\n" + std::string(lines) + "\r\n", 1000)
            .is_keep_alive();
    };
    EXPECT_TRUE(keeps("HTTP/1.1", ""));
    EXPECT_TRUE(keeps("HTTP/1.1", "connection: x, keep-alive\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1", "connection: x, CLOSE\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.1", "connection: x\r\nconnection: close\r\n"));
    EXPECT_FALSE(keeps("HTTP/1.0", ""));
    EXPECT_TRUE(keeps("HTTP/1.0", "connection: Keep-Alive\r\n"));
    EXPECT_TRUE(keeps("HTTP/1.1", "connection: closed\r\n"));
}

TEST(RequestParser, asks_for_the_body_once_when_the_client_waits) {
    RequestParser parser(limits);
    const std::string head = "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-Continue\r\ncontent-length: 2\r\n\r\n";
    EXPECT_FALSE(parser.take_expectation());
    EXPECT_EQ(parser.feed(head), head.size());
    EXPECT_TRUE(parser.take_expectation());
    EXPECT_FALSE(parser.take_expectation());
    EXPECT_EQ(parser.feed("ab"), 2u);
    EXPECT_TRUE(parser.is_done());
}

TEST(RequestParser, refuses_endless_chunks_after_the_limit_and_64_kilobytes) {
    const auto endless = [](const std::string& chunk) {
        RequestParser parser(limits);
        (void)parser.feed(chunked(""));
        std::size_t sent = 0;
        while (!parser.has_failed() && sent < 100'000'000) {
            (void)parser.feed(chunk);
            sent += chunk.size();
        }
        EXPECT_EQ(parser.status(), 413);
        EXPECT_LE(parser.request().body.size(), limits.body_bytes_max);
        return sent;
    };
    EXPECT_LE(endless("400\r\n" + std::string(1024, 'x') + "\r\n"), limits.body_bytes_max + 64 * 1024);
    EXPECT_LE(endless("1\r\nx\r\n"), limits.body_bytes_max + 64 * 1024 + 100);
    EXPECT_LE(endless("1;" + std::string(1000, 'e') + "\r\nx\r\n"), limits.body_bytes_max + 66 * 1024);
}

TEST(RequestParser, reserves_no_memory_for_a_length_that_may_be_a_lie) {
    RequestParser parser({.body_bytes_max = 64 * 1024 * 1024});
    (void)parser.feed(post_with("Content-Length: 60000000\r\n", "x"));
    EXPECT_LE(parser.request().body.capacity(), 64u * 1024 + 1);
}

TEST(RequestParser, reads_one_request_after_the_other) {
    const std::string both = post_with("Content-Length: 1\r\n", "a") + chunked("1\r\nb\r\n0\r\n\r\n") + get_with("");
    RequestParser parser(limits);
    std::string_view rest = both;
    std::string bodies;
    for (int i = 0; i < 3; ++i) {
        parser.reset();
        EXPECT_FALSE(parser.has_started());
        rest.remove_prefix(parser.feed(rest));
        ASSERT_TRUE(parser.is_done());
        bodies += parser.request().body + "|";
    }
    EXPECT_EQ(bodies, "a|b||");
    EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace punkt::net

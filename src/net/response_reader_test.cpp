#include "net/response_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace punkt::net {
namespace {

using testing::HasSubstr;
using Progress = ResponseReader::Progress;

struct Outcome {
    Progress progress = Progress::more;
    int status = 0;
    std::string head = {}, body = {}, error = {};
    bool truncated = false, reusable = false, ended_early = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t step, Method method = Method::get, bool ends = false,
             ResponseLimits limits = {}) {
    ResponseReader reader(limits, method);
    Progress progress = Progress::more;
    for (std::size_t at = 0; at < bytes.size() && progress == Progress::more; at += step) {
        progress = reader.feed(bytes.substr(at, step));
    }
    if (progress == Progress::more && ends) progress = reader.feed_end();
    Outcome outcome{progress, reader.status()};
    outcome.error = reader.error();
    outcome.ended_early = reader.ended_early();
    if (progress == Progress::done) {
        outcome.truncated = reader.truncated();
        outcome.reusable = reader.reusable();
        outcome.head = reader.take_head();
        outcome.body = reader.take_body();
    }
    return outcome;
}

/// Whole and byte by byte must be the same.
Outcome read(std::string_view bytes, Method method = Method::get, bool ends = false, ResponseLimits limits = {}) {
    const Outcome whole = read(bytes, bytes.size() + 1, method, ends, limits);
    const Outcome dribble = read(bytes, 1, method, ends, limits);
    EXPECT_EQ(whole.progress, dribble.progress) << bytes;
    EXPECT_EQ(whole.body, dribble.body) << bytes;
    EXPECT_EQ(whole.head, dribble.head) << bytes;
    return whole;
}

TEST(ResponseReader, reads_a_body_with_a_length) {
    const auto answer = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
    EXPECT_EQ(answer.progress, Progress::done);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n");
    EXPECT_EQ(answer.body, "hello");
    EXPECT_TRUE(answer.reusable);
    EXPECT_FALSE(answer.truncated);
}

TEST(ResponseReader, waits_for_the_rest) {
    for (const char* part : {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na",
                             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"}) {
        EXPECT_EQ(read(part).progress, Progress::more) << part;
        const auto ended = read(part, Method::get, true);
        EXPECT_EQ(ended.progress, Progress::failed);
        EXPECT_TRUE(ended.ended_early);
        EXPECT_THAT(ended.error, HasSubstr("in the middle of"));
    }
    EXPECT_THAT(read("", Method::get, true).error, HasSubstr("before an answer came"));
}

TEST(ResponseReader, reads_chunks) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
    const auto answer =
        read(head + "4\r\nWiki\r\n6;ext=\"1\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: 1\r\n\r\n");
    EXPECT_EQ(answer.progress, Progress::done);
    EXPECT_EQ(answer.body, "Wikipedia in \r\n\r\nchunks.");
    EXPECT_TRUE(answer.reusable);
    EXPECT_EQ(read(head + "000\r\n\r\n").progress, Progress::done);
}

TEST(ResponseReader, reads_until_the_connection_is_closed) {
    const auto answer = read("HTTP/1.1 200 OK\r\n\r\nall of it", Method::get, true);
    EXPECT_EQ(answer.progress, Progress::done);
    EXPECT_EQ(answer.body, "all of it");
    EXPECT_FALSE(answer.reusable);
}

TEST(ResponseReader, knows_responses_without_a_body) {
    for (const auto& [head, method] : std::vector<std::pair<std::string, Method>>{
             {"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", Method::head},
             {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Method::head},
             {"HTTP/1.1 204 No Content\r\n\r\n", Method::get},
             {"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", Method::get},
             {"HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", Method::get},
         }) {
        const auto answer = read(head, method);
        EXPECT_EQ(answer.progress, Progress::done) << head;
        EXPECT_EQ(answer.body, "");
        EXPECT_TRUE(answer.reusable);
    }
}

TEST(ResponseReader, does_not_reuse_a_connection_that_closes_or_says_more_than_it_should) {
    for (const char* bytes : {
             "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na",
             "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: foo , Close\r\n\r\na",
             "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na",
             "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
             "HTTP/1.1 204 No Content\r\n\r\nx",
             "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
         }) {
        const auto answer = read(bytes, std::string_view(bytes).size());
        EXPECT_EQ(answer.progress, Progress::done) << bytes;
        EXPECT_FALSE(answer.reusable) << bytes;
    }
    EXPECT_TRUE(read("HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\na").reusable);
}

TEST(ResponseReader, skips_interim_responses) {
    const auto answer = read(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nretry-after: 3\r\nlocation: /x\r\n\r\n"
        "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok");
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.head, "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n");
    EXPECT_EQ(answer.body, "ok");
}

TEST(ResponseReader, remembers_the_headers_that_decide) {
    ResponseReader reader({}, Method::get);
    ASSERT_EQ(reader.feed("HTTP/1.1 503 Later\r\nRetry-After:  120 \r\nPUNKT-NO-RETRY: 1\r\nLocation: /a b\t\r\n"
                          "content-length: 0\r\n\r\n"),
              Progress::done);
    EXPECT_EQ(reader.retry_after(), "120");
    EXPECT_EQ(reader.location(), "/a b");
    EXPECT_TRUE(reader.no_retry());
}

TEST(ResponseReader, cuts_bodies_at_the_limit) {
    const ResponseLimits limits{.body_bytes_max = 4};
    const std::string chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (const std::string& bytes : {std::string("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcd"),
                                     std::string("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\nabcdefgh"),
                                     std::string("HTTP/1.1 200 OK\r\n\r\nabcde"), chunked + "5\r\nabcd",
                                     chunked + "2\r\nab\r\n2\r\ncd\r\n1\r\n", chunked + "ffffffffffffff\r\nabcde"}) {
        const auto answer = read(bytes, Method::get, false, limits);
        EXPECT_EQ(answer.progress, Progress::done) << bytes;
        EXPECT_EQ(answer.body, "abcd") << bytes;
        EXPECT_TRUE(answer.truncated) << bytes;
        EXPECT_FALSE(answer.reusable) << bytes;
    }
    for (const std::string& bytes : {std::string("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd"),
                                     std::string("HTTP/1.1 200 OK\r\n\r\nabcd"), chunked + "4\r\nabcd\r\n0\r\n\r\n"}) {
        const auto answer = read(bytes, Method::get, true, limits);
        EXPECT_EQ(answer.progress, Progress::done) << bytes;
        EXPECT_FALSE(answer.truncated) << bytes;
    }
    const auto nothing =
        read("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", Method::get, false, {.body_bytes_max = 0});
    EXPECT_EQ(nothing.progress, Progress::done);
    EXPECT_TRUE(nothing.truncated);
}

TEST(ResponseReader, refuses_what_is_not_http) {
    const std::string ok = "HTTP/1.1 200 OK\r\n", chunked = ok + "transfer-encoding: chunked\r\n\r\n";
    const std::vector<std::pair<std::string, std::string>> table = {
        {"SSH-2.0-OpenSSH_9.2\r\n", "status line"},
        {"\r\n" + ok, "status line"},
        {"HTTP/2 200 OK\r\n\r\n", "status line"},
        {"HTTP/1.2 200 OK\r\n\r\n", "status line"},
        {"http/1.1 200 OK\r\n\r\n", "status line"},
        {"HTTP/1.1  200 OK\r\n\r\n", "status line"},
        {"HTTP/1.1 20 OK\r\n\r\n", "status line"},
        {"HTTP/1.1 2000 OK\r\n\r\n", "status line"},
        {"HTTP/1.1 099 OK\r\n\r\n", "status line"},
        {"HTTP/1.1 2x0 OK\r\n\r\n", "status line"},
        {"HTTP/1.1 200 OK\n\n", "without CRLF"},
        {"\n", "without CRLF"},
        {ok + "a: b\n\r\n", "without CRLF"},
        {ok + "\n", "without CRLF"},
        {ok + "a: b\r\n c\r\n\r\n", "folded"},
        {ok + "a: b\r\n\tc\r\n\r\n", "folded"},
        {ok + "a b: c\r\n\r\n", "not a header"},
        {ok + "a : c\r\n\r\n", "not a header"},
        {ok + ": c\r\n\r\n", "not a header"},
        {ok + "nocolon\r\n\r\n", "not a header"},
        {ok + "a: b\rc\r\n\r\n", "not a header"},
        {ok + std::string("a: b\0c\r\n\r\n", 10), "not a header"},
        {ok + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", "both"},
        {ok + "content-length: 5\r\ncontent-length: 6\r\n\r\n", "not one number"},
        {ok + "content-length: 5, 5\r\n\r\n", "not one number"},
        {ok + "content-length: +5\r\n\r\n", "not one number"},
        {ok + "content-length: -1\r\n\r\n", "not one number"},
        {ok + "content-length: 0x5\r\n\r\n", "not one number"},
        {ok + "content-length:\r\n\r\n", "not one number"},
        {ok + "content-length: 99999999999999999999\r\n\r\n", "not one number"},
        {ok + "transfer-encoding: gzip, chunked\r\n\r\n", "not supported"},
        {ok + "transfer-encoding: xchunked\r\n\r\n", "not supported"},
        {ok + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n", "not supported"},
        {"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "not supported"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol"},
        {chunked + "\r\n", "size of a chunk"},
        {chunked + "x\r\n", "size of a chunk"},
        {chunked + " 5\r\n", "size of a chunk"},
        {chunked + "0x5\r\n", "size of a chunk"},
        {chunked + "-5\r\n", "size of a chunk"},
        {chunked + "1111111111111111\r\n", "size of a chunk"},
        {chunked + "5\nhello", "without CRLF"},
        {chunked + "5\r\nhello!\r\n", "longer than its size"},
        {chunked + "5\r\nhello\n", "without CRLF"},
        {chunked + "5;" + std::string(2000, 'e'), "too long"},
        {chunked + "0\r\nbad trailer\r\n", "not a header"},
        {ok + std::string(70'000, 'h'), "longer than 65536"},
    };
    for (const auto& [bytes, reason] : table) {
        const auto answer = read(bytes);
        EXPECT_EQ(answer.progress, Progress::failed) << bytes.substr(0, 100);
        EXPECT_FALSE(answer.ended_early);
        EXPECT_THAT(answer.error, HasSubstr(reason)) << bytes.substr(0, 100);
    }
}

TEST(ResponseReader, limits_headers_interim_responses_and_trailers) {
    std::string headers = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 100; ++i) headers += fmt::format("h{}: v\r\n", i);
    EXPECT_EQ(read(headers).progress, Progress::more);
    EXPECT_THAT(read(headers + "one-more: v\r\n").error, HasSubstr("more than 100 headers"));

    std::string storm;
    for (int i = 0; i < 20; ++i) storm += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_THAT(read(storm).error, HasSubstr("interim"));

    std::string trailers = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
    for (int i = 0; i < 200; ++i) trailers += "t: v\r\n";
    EXPECT_THAT(read(trailers).error, HasSubstr("more than 100 headers"));

    std::string extensions = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (int i = 0; i < 100; ++i) extensions += "1;" + std::string(900, 'e') + "\r\nx\r\n";
    EXPECT_THAT(read(extensions).error, HasSubstr("longer than 65536"));
}

TEST(ResponseReader, shows_what_came_only_in_part_and_printable) {
    const auto answer = read("\x01\x02\xff" + std::string(100, 'z') + "\r\n");
    EXPECT_EQ(answer.error, "'???" + std::string(57, 'z') + "…' is not the status line of HTTP/1.1");
}

}  // namespace
}  // namespace punkt::net

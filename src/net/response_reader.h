// An HTTP/1.1 response, read from bytes as they come. Strict: what two readers could take for different messages
// (bare LF, folded lines, two lengths) is an error. No sockets, so that it can be tested and fuzzed alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/task.h"

namespace punkt::net {

struct ResponseLimits {
    std::size_t header_bytes_max = 64 * 1024;  // status line, headers and trailers of one response
    std::size_t headers_max = 100;
    std::size_t body_bytes_max = 262'144;  // kept; the response ends there for us
};

/// Reads one response. Threads: one. Source: RFC 9112.
class ResponseReader {
  public:
    enum class Progress { more, done, failed };

    ResponseReader(ResponseLimits limits, Method request_method) : limits_(limits), method_(request_method) {}

    /// Takes the next bytes. After `done` or `failed` nothing more may come.
    Progress feed(std::string_view bytes);
    /// The peer closed the connection: `done` when that ends the body, else `failed`.
    Progress feed_end();

    /// Of the final response, from `done` on.
    int status() const { return status_; }
    /// Status line and headers with their CRLF, without the empty line.
    std::string take_head() { return std::move(head_); }
    std::string take_body() { return std::move(content_); }
    /// The body was longer than kept, and the rest was not read.
    bool truncated() const { return truncated_; }
    /// The connection is at the start of the next response.
    bool reusable() const { return keep_alive_ && !truncated_ && !surplus_ && body_ != Body::until_close; }
    /// True once any byte came: the server has seen the request.
    bool started() const { return started_; }

    const std::optional<std::string>& location() const { return location_; }
    const std::optional<std::string>& retry_after() const { return retry_after_; }
    bool no_retry() const { return no_retry_; }

    bool failed() const { return !error_.empty(); }
    /// After `failed`: a sentence, and whether the connection ended early (else the bytes were wrong).
    const std::string& error() const { return error_; }
    bool ended_early() const { return ended_early_; }

  private:
    enum class Stage { head, body, chunk_size, chunk_end, trailers };
    enum class Body { none, length, chunked, until_close };

    Progress read_head(std::string_view& bytes);
    Progress finish_head();
    bool read_status_line(std::string_view line);
    bool read_header(std::string_view line);
    bool note_header(std::string_view name, std::string_view value);
    bool note_length(std::string_view value);
    Progress start_body();
    Progress start_part(std::uint64_t length);
    Progress read_body(std::string_view& bytes);
    Progress read_chunk_line(std::string_view& bytes);
    Progress read_trailer(std::string_view line);
    Progress fail(std::string sentence);

    ResponseLimits limits_;
    Method method_;
    Stage stage_ = Stage::head;
    Body body_ = Body::none;
    bool started_ = false, keep_alive_ = true, truncated_ = false, surplus_ = false, ended_early_ = false;
    bool http_1_0_ = false, chunked_ = false, no_retry_ = false;
    int status_ = 0;
    int interim_responses_ = 0;
    std::size_t line_start_ = 0, scanned_ = 0;  // in head_
    std::size_t header_count_ = 0;
    std::size_t chunk_header_bytes_ = 0;  // extensions and trailers
    std::uint64_t left_ = 0;              // of the body or the chunk
    std::optional<std::uint64_t> length_;
    std::string head_, content_, line_, error_;
    std::optional<std::string> location_, retry_after_;
};

}  // namespace punkt::net

// Bytes become an HttpRequest: RFC 9112, stricter where two readers could disagree. No sockets, no clock.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_server.h"

namespace punkt::net {

/// Reads one request at a time. Everything that request smuggling lives on is refused, not repaired: a bare CR or LF,
/// folded headers, blanks before a colon, two Content-Lengths or Hosts, Content-Length beside Transfer-Encoding,
/// codings other than "chunked". Chunk extensions and trailers are checked and dropped. After a refusal the connection
/// must end. Threads: one.
class RequestParser {
  public:
    struct Limits {
        std::size_t header_bytes_max = 64 * 1024;  // request line and headers; trailers once more
        std::size_t headers_max = 100;
        std::size_t target_bytes_max = 16 * 1024;
        std::size_t body_bytes_max = 256 * 1024;  // chunk framing may add 64 KB
        /// Paths with a limit of their own; must outlive the parser.
        std::span<const std::pair<std::string, std::size_t>> body_bytes_max_at = {};
    };

    explicit RequestParser(Limits limits) : limits_(limits) {}

    /// Forgets the last request; the next one begins.
    void reset();
    /// Takes bytes from the front and says how many. What it leaves (an unfinished line, or the next request once this
    /// one is done) must be given again, with more behind it.
    std::size_t feed(std::string_view bytes);

    bool is_done() const { return state_ == State::done; }
    bool has_failed() const { return state_ == State::failed; }
    /// A byte of this request has come; an empty line before it does not count.
    bool has_started() const { return started_; }
    bool is_in_body() const { return state_ >= State::body && state_ < State::done; }
    /// The client waits for "100 Continue" before it sends the body. True once.
    bool take_expectation();

    /// Why it failed, as a status code of HTTP and a sentence.
    int status() const { return status_; }
    const std::string& reason() const { return reason_; }

    /// Whole once done; what is known so far before.
    HttpRequest& request() { return request_; }
    bool is_keep_alive() const { return keep_alive_; }
    bool is_http_1_0() const { return http_1_0_; }

  private:
    enum class State { request_line, fields, body, chunk_size, chunk_data, chunk_end, trailers, done, failed };

    std::size_t fail(int status, std::string reason);
    std::size_t feed_line(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    void take_line(std::string_view line);
    void check_unfinished_line(std::string_view bytes);
    void take_request_line(std::string_view line);
    bool take_target(std::string_view target);
    bool take_absolute_target(std::string_view target);
    void take_field(std::string_view line);
    void take_known_field(std::string_view name, std::string_view value);
    void take_connection(std::string_view value);
    void take_chunk_size(std::string_view line);
    void end_head();
    std::size_t line_bytes_max() const;
    std::size_t body_bytes_max() const;

    Limits limits_;
    State state_ = State::request_line;
    HttpRequest request_;
    int status_ = 0;
    std::string reason_;

    std::size_t searched_ = 0;  // bytes of the unfinished line that hold no line feed
    std::size_t head_bytes_ = 0;
    std::size_t fields_ = 0;
    std::size_t body_left_ = 0;     // of the body, or of the chunk
    std::size_t framed_bytes_ = 0;  // of a chunked body with its framing
    std::string authority_;         // of an absolute target
    int hosts_ = 0;
    bool started_ = false;
    bool keep_alive_ = true;
    bool http_1_0_ = false;
    bool has_length_ = false;
    bool is_chunked_ = false;
    bool expects_continue_ = false;
};

}  // namespace punkt::net

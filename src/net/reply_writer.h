// An HttpReply becomes bytes. No sockets, no clock.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http_server.h"

namespace punkt::net {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7)
std::string http_date(Timestamp at);

/// "Not Found"; "Unknown" for codes without a name.
std::string_view reason_phrase(int status);

struct ReplyFrame {
    std::string_view date;  // http_date() of now
    bool is_head = false;   // answers HEAD: the body stays away, its length does not
    bool is_http_1_0 = false;
    bool keep_alive = true;
};

/// Appends status line, headers and body. A header value with control characters cannot start a second header: each of
/// them becomes a blank. Headers named like those written here (content-length, connection, date) must not be given.
/// Of an answer with a stream only the head, which says that chunks follow.
void append_reply(std::string& out, const HttpReply& reply, const ReplyFrame& frame);

/// A piece of a streamed body as a chunk (RFC 9112 §7.1); to HTTP/1.0, which knows none, as it is.
void append_piece(std::string& out, std::string_view piece, bool is_http_1_0);
/// Behind the last chunk.
constexpr std::string_view end_of_chunks = "0\r\n\r\n";

}  // namespace punkt::net

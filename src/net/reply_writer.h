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
void append_reply(std::string& out, const HttpReply& reply, const ReplyFrame& frame);

}  // namespace punkt::net

#include "net/reply_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace punkt::net {
namespace {

void append_clean(std::string& out, std::string_view value) {
    for (const char byte : value) {
        const bool is_control = static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
        out.push_back(is_control ? ' ' : byte);
    }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    append_clean(out, name);
    out.append(": ");
    append_clean(out, value);
    out.append("\r\n");
}

// RFC 9110 §15 and the IANA registry; 413 and 422 keep the older names that the reference's framework shows.
constexpr std::pair<int, std::string_view> phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Entity"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

}  // namespace

std::string http_date(Timestamp at) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::string_view reason_phrase(int status) {
    const auto found = std::lower_bound(std::begin(phrases), std::end(phrases), status,
                                        [](const auto& each, int wanted) { return each.first < wanted; });
    return found != std::end(phrases) && found->first == status ? found->second : "Unknown";
}

void append_reply(std::string& out, const HttpReply& reply, const ReplyFrame& frame) {
    const bool has_body = reply.status != 204 && reply.status != 304 && reply.status >= 200;
    out.reserve(out.size() + 256 + reply.body.size());
    out.append("HTTP/1.1 ");
    out.append(fmt::format_int(reply.status).c_str());
    out.push_back(' ');
    out.append(reason_phrase(reply.status));
    out.append("\r\ndate: ");
    out.append(frame.date);
    out.append("\r\n");
    if (has_body) {
        if (!reply.content_type.empty()) append_header(out, "content-type", reply.content_type);
        if (reply.stream == nullptr) {
            out.append("content-length: ");
            out.append(fmt::format_int(reply.body.size()).c_str());
            out.append("\r\n");
        } else if (!frame.is_http_1_0) {
            out.append("transfer-encoding: chunked\r\n");
        }
    }
    for (const auto& [name, value] : reply.headers) append_header(out, name, value);
    if (!frame.keep_alive) {
        out.append("connection: close\r\n");
    } else if (frame.is_http_1_0) {
        out.append("connection: keep-alive\r\n");
    }
    out.append("\r\n");
    if (has_body && !frame.is_head && reply.stream == nullptr) out.append(reply.body);
}

void append_piece(std::string& out, std::string_view piece, bool is_http_1_0) {
    if (piece.empty()) return;  // a chunk of nothing would end the body
    if (is_http_1_0) {
        out.append(piece);
        return;
    }
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
    out.append(piece).append("\r\n");
}

}  // namespace punkt::net

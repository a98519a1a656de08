#include "net/reply_writer.h"

#include <fmt/format.h>

#include <array>

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
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Request Entity Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Entity";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Unknown";
    }
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
        out.append("content-length: ");
        out.append(fmt::format_int(reply.body.size()).c_str());
        out.append("\r\n");
    }
    for (const auto& [name, value] : reply.headers) append_header(out, name, value);
    if (!frame.keep_alive) {
        out.append("connection: close\r\n");
    } else if (frame.is_http_1_0) {
        out.append("connection: keep-alive\r\n");
    }
    out.append("\r\n");
    if (has_body && !frame.is_head) out.append(reply.body);
}

}  // namespace punkt::net

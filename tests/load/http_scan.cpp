#include "http_scan.h"

#include <charconv>
#include <cstring>

namespace punkt::load {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::string_view length_name = "content-length:";
constexpr std::string_view encoding_name = "transfer-encoding:";

bool begins_with_name(std::string_view line, std::string_view name) {
    if (line.size() < name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
        if ((line[i] | 0x20) != (name[i] | 0x20)) return false;
    return true;
}

std::int64_t leading_number(std::string_view text, std::int64_t otherwise) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc{} ? value : otherwise;
}

/// -1 if the head says something that this scan does not understand.
std::int64_t body_length(std::string_view head) {
    std::size_t at = head.find('\n');
    while (at != std::string_view::npos && at + 1 < head.size()) {
        const std::string_view line = head.substr(at + 1);
        const char first = static_cast<char>(line[0] | 0x20);
        if (first == 'c' && begins_with_name(line, length_name)) {
            std::string_view value = line.substr(length_name.size());
            while (!value.empty() && value[0] == ' ') value.remove_prefix(1);
            return leading_number(value, -1);
        }
        if (first == 't' && begins_with_name(line, encoding_name)) return -1;
        at = head.find('\n', at + 1);
    }
    return 0;
}

}  // namespace

int Message::status() const {
    if (start_line.size() < 12) return 0;
    return static_cast<int>(leading_number(start_line.substr(9, 3), 0));
}

std::string_view Message::path() const {
    const auto from = start_line.find(' ');
    if (from == std::string_view::npos) return {};
    const auto until = start_line.find(' ', from + 1);
    return start_line.substr(from + 1, until == std::string_view::npos ? until : until - from - 1);
}

Scan scan_message(std::string_view bytes, Message& message) {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    const void* end = ::memmem(bytes.data(), bytes.size(), end_of_head.data(), end_of_head.size());
    if (end == nullptr) return bytes.size() > head_bytes_max ? Scan::broken : Scan::partial;
    const auto head_bytes = static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data());
    const std::string_view head = bytes.substr(0, head_bytes + 2);
    const auto length = body_length(head);
    if (length < 0) return Scan::broken;
    const std::size_t whole = head_bytes + end_of_head.size() + static_cast<std::size_t>(length);
    if (bytes.size() < whole) return Scan::partial;
    message.start_line = head.substr(0, head.find('\r'));
    message.body = bytes.substr(head_bytes + end_of_head.size(), static_cast<std::size_t>(length));
    message.bytes = whole;
    return Scan::complete;
}

std::int64_t number_in(std::string_view path) {
    const auto at = path.rfind("/n/");
    return at == std::string_view::npos ? -1 : leading_number(path.substr(at + 3), -1);
}

std::int64_t sleep_in(std::string_view path) {
    constexpr std::string_view start = "/sleep/";
    return path.substr(0, start.size()) == start ? leading_number(path.substr(start.size()), 0) : 0;
}

std::string_view text_field(std::string_view json, std::string_view name) {
    std::size_t at = 0;
    while ((at = json.find(name, at)) != std::string_view::npos) {
        const auto open = at + name.size();
        const bool is_key = at > 0 && json[at - 1] == '"' && json.substr(open, 3) == "\":\"";
        at = open;
        if (!is_key) continue;
        const auto value = json.substr(open + 3);
        return value.substr(0, value.find('"'));
    }
    return {};
}

void append_request(std::string& out, std::string_view method, std::string_view path, std::string_view token,
                    std::string_view body, std::string_view headers) {
    out.append(method).append(" ").append(path).append(" HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    if (!token.empty()) out.append("authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty()) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, body.size()).ptr;
        out.append("content-type: application/json\r\ncontent-length: ");
        out.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n");
    }
    out.append(headers).append("\r\n").append(body);
}

std::string request_text(std::string_view method, std::string_view path, std::string_view token, std::string_view body,
                         std::string_view headers) {
    std::string out;
    append_request(out, method, path, token, body, headers);
    return out;
}

}  // namespace punkt::load

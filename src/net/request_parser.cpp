#include "net/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace punkt::net {
namespace {

constexpr std::size_t method_bytes_max = 32;
constexpr std::size_t chunk_line_bytes_max = 1024;
constexpr std::size_t framing_bytes_max = 64 * 1024;

using ByteSet = std::array<bool, 256>;

constexpr ByteSet bytes_of(std::string_view listed) {
    ByteSet set{};
    for (const char byte : listed) set[static_cast<unsigned char>(byte)] = true;
    return set;
}
// RFC 9110 §5.6.2
constexpr ByteSet token_bytes =
    bytes_of("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
constexpr ByteSet digit_bytes = bytes_of("0123456789");
// RFC 3986 §3.2.2 with the port; "[]:" for IPv6
constexpr ByteSet host_bytes =
    bytes_of("!$&'()*+;=-._~%:[]0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
// RFC 9110 §5.5: visible, blank, tab and bytes above 127
constexpr ByteSet value_bytes = [] {
    ByteSet set{};
    for (std::size_t byte = 0x20; byte < 256; ++byte) set[byte] = byte != 0x7F;
    set['\t'] = true;
    return set;
}();
// Visible ASCII without the fragment mark
constexpr ByteSet target_bytes = [] {
    ByteSet set{};
    for (std::size_t byte = 0x21; byte < 0x7F; ++byte) set[byte] = byte != '#';
    return set;
}();

bool consists_of(std::string_view text, const ByteSet& set) {
    return std::all_of(text.begin(), text.end(), [&](char byte) { return set[static_cast<unsigned char>(byte)]; });
}

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
    return text.size() == lower_case.size() &&
           std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) { return lower(a) == b; });
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

void RequestParser::reset() { *this = RequestParser(limits_); }

bool RequestParser::take_expectation() { return is_in_body() && std::exchange(expects_continue_, false); }

std::size_t RequestParser::fail(int status, std::string reason) {
    state_ = State::failed;
    status_ = status;
    reason_ = std::move(reason);
    return 0;
}

std::size_t RequestParser::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && state_ != State::done && state_ != State::failed) {
        const bool is_line = state_ != State::body && state_ != State::chunk_data && state_ != State::chunk_end;
        const std::string_view rest = bytes.substr(taken);
        const std::size_t now = is_line ? feed_line(rest) : feed_body(rest);
        if (now == 0) break;
        taken += now;
    }
    return taken;
}

std::size_t RequestParser::line_bytes_max() const {
    if (state_ == State::chunk_size) return chunk_line_bytes_max;
    return limits_.header_bytes_max - std::min(head_bytes_, limits_.header_bytes_max);
}

std::size_t RequestParser::feed_line(std::string_view bytes) {
    const std::size_t end = bytes.find('\n', searched_);
    const bool is_whole = end != std::string_view::npos;
    const std::size_t length = is_whole ? end + 1 : bytes.size();
    if (length > line_bytes_max()) {
        if (state_ == State::chunk_size) return fail(400, "a chunk extension is too long");
        if (state_ == State::request_line) return fail(414, "the request line is too long");
        return fail(431, fmt::format("the headers are larger than {} bytes", limits_.header_bytes_max));
    }
    if (!is_whole) {
        check_unfinished_line(bytes);
        if (state_ != State::failed) searched_ = bytes.size();
        return 0;
    }
    searched_ = 0;
    if (end == 0 || bytes[end - 1] != '\r') return fail(400, "a line ends with a line feed alone");
    if (state_ == State::chunk_size) {
        framed_bytes_ += length;
    } else {
        head_bytes_ += length;
    }
    take_line(bytes.substr(0, end - 1));
    return state_ == State::failed ? 0 : length;
}

// Told at once instead of after the deadline: a TLS greeting on this port, or a target without end.
void RequestParser::check_unfinished_line(std::string_view bytes) {
    if (state_ != State::request_line) return;
    if (bytes.front() == '\r' && bytes.size() == 1) return;
    started_ = true;
    if (!token_bytes[static_cast<unsigned char>(bytes.front())]) {
        (void)fail(400, "this is not HTTP");
    } else if (bytes.size() > method_bytes_max &&
               bytes.substr(0, method_bytes_max + 1).find(' ') == std::string::npos) {
        (void)fail(400, "the method is too long");
    } else if (bytes.size() > limits_.target_bytes_max + method_bytes_max + sizeof("  HTTP/1.1\r")) {
        (void)fail(414, fmt::format("the request target is longer than {} bytes", limits_.target_bytes_max));
    }
}

void RequestParser::take_line(std::string_view line) {
    switch (state_) {
        case State::request_line:
            return take_request_line(line);
        case State::fields:
            return line.empty() ? end_head() : take_field(line);
        case State::chunk_size:
            return take_chunk_size(line);
        default:
            if (line.empty())
                state_ = State::done;
            else
                take_field(line);
    }
}

void RequestParser::take_request_line(std::string_view line) {
    if (line.empty()) return;  // RFC 9112 §2.2; head_bytes_ bounds how many
    started_ = true;
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return (void)fail(400, "the request line is not \"METHOD target HTTP/1.1\"");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (method.empty() || method.size() > method_bytes_max || !consists_of(method, token_bytes))
        return (void)fail(400, "the method is no token");
    const bool is_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                            version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
    if (!is_version) return (void)fail(400, "the request line does not end with an HTTP version");
    if (version[5] != '1') return (void)fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    http_1_0_ = version[7] == '0';
    keep_alive_ = !http_1_0_;
    request_.method = method;
    if (target.size() > limits_.target_bytes_max)
        return (void)fail(414, fmt::format("the request target is longer than {} bytes", limits_.target_bytes_max));
    if (take_target(target)) state_ = State::fields;
}

bool RequestParser::take_target(std::string_view target) {
    if (target.empty() || !consists_of(target, target_bytes)) {
        (void)fail(400, "the request target holds a byte that must be percent-encoded");
        return false;
    }
    if (target.front() != '/' && !(target == "*" && request_.method == "OPTIONS")) return take_absolute_target(target);
    const std::size_t mark = target.find('?');
    request_.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request_.query = target.substr(mark + 1);
    return true;
}

// RFC 9112 §3.2.2: as sent to a proxy; the authority counts and the Host header does not.
bool RequestParser::take_absolute_target(std::string_view target) {
    const std::size_t scheme = target.find("://");
    const bool is_http = scheme != std::string_view::npos && (equals_ignoring_case(target.substr(0, scheme), "http") ||
                                                              equals_ignoring_case(target.substr(0, scheme), "https"));
    const std::string_view rest = is_http ? target.substr(scheme + 3) : std::string_view();
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    authority_ = rest.substr(0, end);
    if (authority_.empty() || !consists_of(authority_, host_bytes)) {
        (void)fail(400, "the request target must begin with '/'");
        return false;
    }
    const std::string_view path_and_query = rest.substr(end);
    const std::size_t mark = path_and_query.find('?');
    request_.path = path_and_query.substr(0, mark);
    if (request_.path.empty()) request_.path = "/";
    if (mark != std::string_view::npos) request_.query = path_and_query.substr(mark + 1);
    return true;
}

void RequestParser::take_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return (void)fail(400, "a header is folded over two lines");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return (void)fail(400, "a header has no colon");
    const std::string_view written = line.substr(0, colon);
    const std::string_view value = without_blanks(line.substr(colon + 1));
    if (written.empty() || !consists_of(written, token_bytes)) return (void)fail(400, "a header's name is no token");
    if (!consists_of(value, value_bytes))
        return (void)fail(400, fmt::format("the value of {} holds a control character", written));
    if (++fields_ > limits_.headers_max)
        return (void)fail(431, fmt::format("more than {} headers", limits_.headers_max));
    if (state_ == State::trailers) return;
    if (request_.headers.empty()) request_.headers.reserve(8);
    auto& [name, content] = request_.headers.emplace_back(written, value);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    take_known_field(name, content);
}

void RequestParser::take_known_field(std::string_view name, std::string_view value) {
    if (name == "host") {
        if (++hosts_ > 1) return (void)fail(400, "more than one Host header");
        if (!consists_of(value, host_bytes)) return (void)fail(400, "the Host header is malformed");
    } else if (name == "content-length") {
        if (std::exchange(has_length_, true)) return (void)fail(400, "more than one Content-Length");
        const bool is_number = !value.empty() && consists_of(value, digit_bytes);
        if (!is_number) return (void)fail(400, "Content-Length is no number");
        for (const char digit : value) {  // the largest stands for everything beyond it
            if (body_left_ > SIZE_MAX / 10 - 1) break;
            body_left_ = body_left_ * 10 + static_cast<std::size_t>(digit - '0');
        }
    } else if (name == "transfer-encoding") {
        if (std::exchange(is_chunked_, true)) return (void)fail(400, "more than one Transfer-Encoding");
        if (!equals_ignoring_case(value, "chunked"))
            return (void)fail(400, "the only Transfer-Encoding known here is chunked");
    } else if (name == "connection") {
        take_connection(value);
    } else if (name == "expect") {
        if (!equals_ignoring_case(value, "100-continue")) return (void)fail(417, "Expect must be 100-continue");
        expects_continue_ = !http_1_0_;  // RFC 9110 §10.1.1
    }
}

void RequestParser::take_connection(std::string_view value) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        const std::string_view option = without_blanks(value.substr(0, comma));
        if (equals_ignoring_case(option, "close")) keep_alive_ = false;
        if (http_1_0_ && equals_ignoring_case(option, "keep-alive")) keep_alive_ = true;
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
}

void RequestParser::end_head() {
    if (hosts_ == 0 && !http_1_0_) return (void)fail(400, "the Host header is missing");
    if (is_chunked_ && has_length_) return (void)fail(400, "both Content-Length and Transfer-Encoding");
    if (is_chunked_ && http_1_0_) return (void)fail(400, "HTTP/1.0 has no Transfer-Encoding");
    if (!authority_.empty()) {
        for (auto& [name, value] : request_.headers)
            if (name == "host") value = authority_;
    }
    if (is_chunked_) {
        state_ = State::chunk_size;
        head_bytes_ = 0;  // the trailers have a budget of their own
        return;
    }
    if (body_left_ > body_bytes_max())
        return (void)fail(413, fmt::format("the body is larger than {} bytes", body_bytes_max()));
    // Not the whole length at once: it may be a lie.
    request_.body.reserve(std::min<std::size_t>(body_left_, 64 * 1024));
    state_ = body_left_ == 0 ? State::done : State::body;
}

std::size_t RequestParser::body_bytes_max() const {
    for (const auto& [path, bytes] : limits_.body_bytes_max_at)
        if (request_.path == path) return bytes;
    return limits_.body_bytes_max;
}

void RequestParser::take_chunk_size(std::string_view line) {
    const std::size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    if (digits == 0 || digits > 8) return (void)fail(400, "a chunk's size is malformed");
    const std::string_view extension = without_blanks(line.substr(digits));
    if (!consists_of(extension, value_bytes) || (!extension.empty() && extension.front() != ';') ||
        (extension.empty() && digits != line.size()))
        return (void)fail(400, "a chunk's size is malformed");
    body_left_ = 0;
    for (const char digit : line.substr(0, digits))
        body_left_ = body_left_ * 16 + static_cast<std::size_t>(digit <= '9' ? digit - '0' : lower(digit) - 'a' + 10);
    if (body_left_ > body_bytes_max() - request_.body.size() || framed_bytes_ > body_bytes_max() + framing_bytes_max)
        return (void)fail(413, fmt::format("the body is larger than {} bytes", body_bytes_max()));
    state_ = body_left_ == 0 ? State::trailers : State::chunk_data;
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
    if (state_ == State::chunk_end) {
        if (bytes.front() != '\r' || (bytes.size() > 1 && bytes[1] != '\n'))
            return fail(400, "a chunk is longer than its size");
        if (bytes.size() < 2) return 0;
        framed_bytes_ += 2;
        state_ = State::chunk_size;
        return 2;
    }
    const std::size_t taken = std::min(bytes.size(), body_left_);
    request_.body.append(bytes.substr(0, taken));
    body_left_ -= taken;
    if (state_ == State::chunk_data) framed_bytes_ += taken;
    if (body_left_ == 0) state_ = state_ == State::body ? State::done : State::chunk_end;
    return taken;
}

}  // namespace punkt::net

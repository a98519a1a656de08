#include "net/response_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_text.h"

namespace punkt::net {
namespace {

constexpr int interim_responses_max = 10;           // 1xx before the response itself
constexpr std::size_t chunk_line_bytes_max = 1024;  // size and extensions

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// For error sentences: what a stranger sent, short and printable.
std::string quoted(std::string_view text) {
    std::string shown = "'";
    for (const char c : text.substr(0, 60)) shown += c >= 0x20 && c < 0x7f ? c : '?';
    return shown + (text.size() > 60 ? "…'" : "'");
}

std::optional<std::uint64_t> number(std::string_view text, unsigned base, std::size_t digits_max) {
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        const char l = lower_letter(c);
        unsigned digit = 16;
        if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
        if (l >= 'a' && l <= 'f') digit = static_cast<unsigned>(l - 'a' + 10);
        if (digit >= base) return std::nullopt;
        value = value * base + digit;
    }
    return value;
}

}  // namespace

ResponseReader::Progress ResponseReader::feed(std::string_view bytes) {
    started_ = started_ || !bytes.empty();
    Progress progress = Progress::more;
    while (!bytes.empty() && progress == Progress::more) {
        switch (stage_) {
            case Stage::head:
                progress = read_head(bytes);
                break;
            case Stage::body:
                progress = read_body(bytes);
                break;
            case Stage::chunk_size:
            case Stage::chunk_end:
            case Stage::trailers:
                progress = read_chunk_line(bytes);
                break;
        }
    }
    surplus_ = !bytes.empty();  // nobody asked for a second response
    return progress;
}

ResponseReader::Progress ResponseReader::feed_end() {
    if (stage_ == Stage::body && body_ == Body::until_close) return Progress::done;
    ended_early_ = true;
    if (!started_) return fail("the connection was closed before an answer came");
    return fail(stage_ == Stage::head ? "the connection was closed in the middle of the headers"
                                      : "the connection was closed in the middle of the body");
}

ResponseReader::Progress ResponseReader::read_head(std::string_view& bytes) {
    head_ += bytes;
    while (true) {
        const std::size_t end = head_.find('\n', scanned_);
        if (std::min(end, head_.size()) > limits_.header_bytes_max) {
            return fail(fmt::format("the headers are longer than {} bytes", limits_.header_bytes_max));
        }
        if (end == head_.npos) {
            scanned_ = head_.size();
            bytes = {};
            return Progress::more;
        }
        // 1. A line ends with CRLF; a lone LF is what two readers disagree about.
        if (end == line_start_ || head_[end - 1] != '\r') return fail("a header line ends without CRLF");
        const std::string_view line = std::string_view(head_).substr(line_start_, end - 1 - line_start_);
        const bool first = line_start_ == 0;
        scanned_ = end + 1;
        // 2. The empty line ends the head; what follows it belongs to the body.
        if (line.empty() && !first) {
            bytes.remove_prefix(bytes.size() - (head_.size() - scanned_));
            head_.resize(line_start_);
            return finish_head();
        }
        if (first ? !read_status_line(line) : !read_header(line)) return Progress::failed;
        line_start_ = scanned_;
    }
}

bool ResponseReader::read_status_line(std::string_view line) {
    const auto code = line.size() >= 12 ? number(line.substr(9, 3), 10, 3) : std::nullopt;
    const bool right = (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && code && *code >= 100 &&
                       (line.size() == 12 || line[12] == ' ') && is_field_text(line);
    if (!right) {
        fail(fmt::format("{} is not the status line of HTTP/1.1", quoted(line)));
        return false;
    }
    http_1_0_ = line[7] == '0';
    keep_alive_ = !http_1_0_;
    status_ = static_cast<int>(*code);
    return true;
}

bool ResponseReader::read_header(std::string_view line) {
    if (++header_count_ > limits_.headers_max) {
        fail(fmt::format("there are more than {} headers", limits_.headers_max));
        return false;
    }
    const std::size_t colon = line.find(':');
    if (line.front() == ' ' || line.front() == '\t') {
        fail("a header is folded over two lines");
        return false;
    }
    if (colon == line.npos || !is_token(line.substr(0, colon)) || !is_field_text(line.substr(colon))) {
        fail(fmt::format("{} is not a header", quoted(line)));
        return false;
    }
    return note_header(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

/// Remembers the headers that decide something; the others stay text.
bool ResponseReader::note_header(std::string_view name, std::string_view value) {
    switch (name.size()) {  // a cheap sieve: most headers end here
        case 8:
            if (same_word(name, "location") && !location_) location_ = value;
            return true;
        case 10:
            if (!same_word(name, "connection")) return true;
            while (!value.empty()) {
                const std::size_t comma = std::min(value.find(','), value.size());
                const std::string_view option = trimmed(value.substr(0, comma));
                if (same_word(option, "close")) keep_alive_ = false;
                if (http_1_0_ && same_word(option, "keep-alive")) keep_alive_ = true;
                value.remove_prefix(std::min(comma + 1, value.size()));
            }
            return true;
        case 11:
            if (same_word(name, "retry-after") && !retry_after_) retry_after_ = value;
            return true;
        case 14:
            if (same_word(name, "punkt-no-retry") && value == "1") no_retry_ = true;
            return !same_word(name, "content-length") || note_length(value);
        case 17:
            if (!same_word(name, "transfer-encoding")) return true;
            if (chunked_ || http_1_0_ || !same_word(value, "chunked")) {
                fail(fmt::format("the transfer-encoding {} is not supported", quoted(value)));
                return false;
            }
            chunked_ = true;
            return true;
        default:
            return true;
    }
}

bool ResponseReader::note_length(std::string_view value) {
    const auto length = number(value, 10, 18);
    if (!length || (length_ && *length_ != *length)) {
        fail(fmt::format("the content-length {} is not one number", quoted(value)));
        return false;
    }
    length_ = length;
    return true;
}

ResponseReader::Progress ResponseReader::finish_head() {
    if (chunked_ && length_) return fail("there are both a content-length and a transfer-encoding");
    if (status_ == 101) return fail("the server switched to another protocol, which nobody asked for");
    if (status_ >= 200) return start_body();
    if (++interim_responses_ > interim_responses_max) {
        return fail(fmt::format("there are more than {} interim responses", interim_responses_max));
    }
    head_.clear();
    line_start_ = scanned_ = header_count_ = 0;
    length_.reset();
    location_.reset();
    retry_after_.reset();
    chunked_ = no_retry_ = false;
    return Progress::more;
}

/// RFC 9112 §6.3
ResponseReader::Progress ResponseReader::start_body() {
    stage_ = Stage::body;
    if (method_ == Method::head || status_ == 204 || status_ == 304) return Progress::done;
    if (chunked_) {
        body_ = Body::chunked;
        stage_ = Stage::chunk_size;
        return Progress::more;
    }
    if (!length_) {
        body_ = Body::until_close;
        return Progress::more;
    }
    body_ = Body::length;
    content_.reserve(std::min<std::uint64_t>(*length_, limits_.body_bytes_max));
    return start_part(*length_);
}

/// A body with a length, or a chunk of one.
ResponseReader::Progress ResponseReader::start_part(std::uint64_t length) {
    left_ = length;
    if (left_ == 0) return Progress::done;
    stage_ = Stage::body;
    truncated_ = content_.size() == limits_.body_bytes_max;
    return truncated_ ? Progress::done : Progress::more;
}

ResponseReader::Progress ResponseReader::read_body(std::string_view& bytes) {
    const std::size_t part = body_ == Body::until_close
                                 ? bytes.size()
                                 : static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const std::size_t room = limits_.body_bytes_max - content_.size();
    content_ += bytes.substr(0, std::min(part, room));
    bytes.remove_prefix(part);
    if (part > room) truncated_ = true;
    if (body_ == Body::until_close) return truncated_ ? Progress::done : Progress::more;
    left_ -= part;
    if (left_ > 0 && content_.size() == limits_.body_bytes_max) truncated_ = true;
    if (truncated_) return Progress::done;
    if (left_ > 0) return Progress::more;
    if (body_ == Body::length) return Progress::done;
    stage_ = Stage::chunk_end;
    return Progress::more;
}

/// RFC 9112 §7.1: a size with extensions, the end of a chunk's data, or a trailer.
ResponseReader::Progress ResponseReader::read_chunk_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end == bytes.npos ? end : end + 1);
    line_ += part;
    bytes.remove_prefix(part.size());
    if (line_.size() > chunk_line_bytes_max + (stage_ == Stage::trailers ? limits_.header_bytes_max : 0)) {
        return fail("a line of the chunked body is too long");
    }
    if (end == part.npos) return Progress::more;
    if (!line_.ends_with("\r\n")) return fail("a line of the chunked body ends without CRLF");
    const std::string line = line_.substr(0, line_.size() - 2);
    line_.clear();
    if (stage_ == Stage::chunk_end) {
        if (!line.empty()) return fail("a chunk is longer than its size");
        stage_ = Stage::chunk_size;
        return Progress::more;
    }
    // Extensions and trailers are read over, within the limits of headers.
    chunk_header_bytes_ +=
        stage_ == Stage::trailers ? line.size() + 2 : line.size() - std::min(line.find(';'), line.size());
    if (chunk_header_bytes_ > limits_.header_bytes_max) {
        return fail(fmt::format("the headers of the chunked body are longer than {} bytes", limits_.header_bytes_max));
    }
    if (stage_ == Stage::trailers) return read_trailer(line);
    const auto size = number(std::string_view(line).substr(0, line.find(';')), 16, 15);
    if (!size || !is_field_text(line)) return fail(fmt::format("{} is not the size of a chunk", quoted(line)));
    if (*size > 0) return start_part(*size);
    stage_ = Stage::trailers;
    return Progress::more;
}

ResponseReader::Progress ResponseReader::read_trailer(std::string_view line) {
    if (line.empty()) return Progress::done;
    if (++header_count_ > limits_.headers_max) {
        return fail(fmt::format("there are more than {} headers", limits_.headers_max));
    }
    const std::size_t colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon)) || !is_field_text(line)) {
        return fail(fmt::format("{} is not a header", quoted(line)));
    }
    return Progress::more;
}

ResponseReader::Progress ResponseReader::fail(std::string sentence) {
    error_ = std::move(sentence);
    return Progress::failed;
}

}  // namespace punkt::net

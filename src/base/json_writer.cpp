#include <array>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/utf8.h"

namespace punkt::json {
namespace {

/// What follows the backslash: the short escape, 'u' for \u00XX, or 0 for bytes that stand as they are.
constexpr std::array<char, 256> escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t at = 0; at < 0x20; ++at) table[at] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    table[0x7F] = 'u';  // allowed bare, but invisible in a terminal
    return table;
}();

void append_escape(std::string& out, char byte, char escape) {
    out.push_back('\\');
    out.push_back(escape);
    if (escape != 'u') return;
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out.append("00");
    out.push_back(digits[value >> 4]);
    out.push_back(digits[value & 15]);
}

void append_escaped(std::string& out, std::string_view value) {
    std::size_t start = 0;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char escape = escapes[static_cast<unsigned char>(value[at])];
        if (escape == 0) [[likely]]
            continue;
        out.append(value, start, at - start);
        append_escape(out, value[at], escape);
        start = at + 1;
    }
    out.append(value, start);
}

bool is_ascii(std::string_view value) {
    unsigned char all = 0;
    for (const char byte : value) all |= static_cast<unsigned char>(byte);
    return all < 0x80;
}

void append_quoted(std::string& out, std::string_view value) {
    out.push_back('"');
    if (is_ascii(value) || is_utf8(value)) {
        append_escaped(out, value);
    } else {
        append_escaped(out, to_utf8(value));
    }
    out.push_back('"');
}

}  // namespace

void Writer::separate() {
    if (needs_comma_) text_.push_back(',');
    needs_comma_ = true;
}

Writer& Writer::begin_object() {
    separate();
    text_.push_back('{');
    needs_comma_ = false;
    return *this;
}

Writer& Writer::end_object() {
    text_.push_back('}');
    needs_comma_ = true;
    return *this;
}

Writer& Writer::begin_array() {
    separate();
    text_.push_back('[');
    needs_comma_ = false;
    return *this;
}

Writer& Writer::end_array() {
    text_.push_back(']');
    needs_comma_ = true;
    return *this;
}

Writer& Writer::key(std::string_view name) {
    separate();
    append_quoted(text_, name);
    text_.push_back(':');
    needs_comma_ = false;
    return *this;
}

Writer& Writer::string(std::string_view value) {
    separate();
    append_quoted(text_, value);
    return *this;
}

Writer& Writer::integer(std::int64_t value) {
    separate();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
    return *this;
}

Writer& Writer::number(double value) {
    if (!std::isfinite(value)) return null();  // JSON has no word for it
    separate();
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
    text_.append(written);
    if (written.find_first_of(".e") == std::string_view::npos) text_.append(".0");  // stays a fraction when read again
    return *this;
}

Writer& Writer::boolean(bool value) {
    separate();
    text_.append(value ? "true" : "false");
    return *this;
}

Writer& Writer::null() {
    separate();
    text_.append("null");
    return *this;
}

Writer& Writer::raw(std::string_view value) {
    separate();
    text_.append(value);
    return *this;
}

Writer& Writer::string_or_null(const std::optional<std::string>& value) { return value ? string(*value) : null(); }

std::string quoted(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    append_quoted(out, text);
    return out;
}

}  // namespace punkt::json

#include "core/ip_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace punkt {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Takes 0…255 off the front of `text`; nothing for leading zeros, signs and blanks.
std::optional<std::uint8_t> take_octet(std::string_view& text) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        if (digits == 3 || (digits == 1 && text[0] == '0')) return std::nullopt;
        value = value * 10 + (text[digits] - '0');
        ++digits;
    }
    if (digits == 0 || value > 255) return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<std::uint8_t>(value);
}

/// Takes one to four hex digits off the front of `text`.
std::optional<std::uint16_t> take_group(std::string_view& text) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && hex_value(text[digits]) >= 0) {
        if (digits == 4) return std::nullopt;
        value = value << 4 | hex_value(text[digits]);
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<std::uint16_t>(value);
}

}  // namespace

bool is_v4_mapped(const IpBytes& bytes) {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

std::optional<IpBytes> parse_ipv4(std::string_view text) {
    IpBytes bytes{};
    bytes[10] = bytes[11] = 0xff;
    for (std::size_t i = 12; i < 16; ++i) {
        if (i > 12) {
            if (!text.starts_with('.')) return std::nullopt;
            text.remove_prefix(1);
        }
        const auto octet = take_octet(text);
        if (!octet) return std::nullopt;
        bytes[i] = *octet;
    }
    if (!text.empty()) return std::nullopt;
    return bytes;
}

std::optional<IpBytes> parse_ipv6(std::string_view text) {
    IpBytes bytes{};
    std::size_t filled = 0;          // bytes read so far
    std::optional<std::size_t> gap;  // where "::" stood
    if (text.starts_with("::")) {
        gap = 0;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        // 1. The last four bytes may be a dotted quad.
        if (filled <= 12 && text.find_first_of(".:") != text.npos && text[text.find_first_of(".:")] == '.') {
            const auto quad = parse_ipv4(text);
            if (!quad) return std::nullopt;
            std::copy(quad->begin() + 12, quad->end(), bytes.begin() + static_cast<std::ptrdiff_t>(filled));
            filled += 4;
            text = {};
            break;
        }
        // 2. Else a group, then the end, ":" and more, or the only "::".
        const auto group = filled < 16 ? take_group(text) : std::nullopt;
        if (!group) return std::nullopt;
        bytes[filled++] = static_cast<std::uint8_t>(*group >> 8);
        bytes[filled++] = static_cast<std::uint8_t>(*group & 0xff);
        if (text.empty()) break;
        if (text.starts_with("::")) {
            if (gap) return std::nullopt;
            gap = filled;
            text.remove_prefix(2);
        } else if (text.starts_with(':') && text.size() > 1) {
            text.remove_prefix(1);
        } else {
            return std::nullopt;
        }
    }
    if (!gap) return filled == 16 ? std::optional(bytes) : std::nullopt;
    if (filled > 14) return std::nullopt;
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(*gap);
    std::rotate(from, bytes.begin() + static_cast<std::ptrdiff_t>(filled), bytes.end());
    return bytes;
}

std::string ip_text(const IpBytes& bytes) {
    if (is_v4_mapped(bytes)) return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
    // The longest run of at least two zero groups becomes "::", the first one of equals: RFC 5952 §4.2.
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    std::size_t best = 8, best_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_length - 1;
            continue;
        }
        if (!text.empty() && !text.ends_with(':')) text += ':';
        fmt::format_to(std::back_inserter(text), "{:x}", groups[i]);
    }
    return text;
}

}  // namespace punkt

#include "base/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

namespace punkt {
namespace {

/// The length of the well-formed sequence at the start of `text` (not empty), 0 when there is none.
/// Source: Unicode 15, table 3-7.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const auto continues = [&](std::size_t at, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
        return at < text.size() && byte(at) >= low && byte(at) <= high;
    };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;   // shorter forms exist below
        const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;  // surrogates above
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;  // beyond U+10FFFF above
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::size_t first_bad_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

std::string to_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    while (!text.empty()) {
        const std::size_t good = first_bad_utf8(text);
        out.append(text.substr(0, good));
        text.remove_prefix(good);
        if (text.empty()) break;
        out.append("\xEF\xBF\xBD");
        text.remove_prefix(1);
    }
    return out;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace punkt

// What bytes may stand where in an HTTP message. For the requests we send and the responses we read.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace punkt::net {

constexpr char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool same_word(std::string_view text, std::string_view lower_word) {
    return text.size() == lower_word.size() && std::equal(text.begin(), text.end(), lower_word.begin(),
                                                          [](char a, char b) { return lower_letter(a) == b; });
}

/// RFC 9110 §5.6.2
constexpr std::array<bool, 256> token_bytes = [] {
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

/// The name of a header or a method.
inline bool is_token(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return token_bytes[static_cast<unsigned char>(c)]; });
}

/// The value of a header: tabs, blanks, visible characters and bytes over 127. RFC 9110 §5.5
inline bool is_field_text(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

}  // namespace punkt::net

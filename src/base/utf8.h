// UTF-8: is it, and making it so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace punkt {

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). Threads: any.
bool is_utf8(std::string_view text);

/// The offset of the first byte that does not belong to a well-formed sequence; text.size() when all do.
std::size_t first_bad_utf8(std::string_view text);

/// How many characters (code points) `text` has. It must be well-formed.
std::size_t characters(std::string_view text);

/// `text` with each byte that does not belong to a well-formed sequence replaced by U+FFFD.
std::string to_utf8(std::string_view text);

}  // namespace punkt

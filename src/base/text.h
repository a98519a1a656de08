// Small things about text that several folders need.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace punkt {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. O(|a|·|b|): for words, not
/// bodies.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was probably meant by `word`, ignoring case; nothing when none is near enough (a third of the
/// letters, at least two).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// Without blanks, tabs and line ends at both sides.
std::string_view trimmed(std::string_view text);

/// ASCII only; other bytes stay.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace punkt

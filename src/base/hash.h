// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for ids and lanes. Not for passwords or signatures.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace punkt {

std::uint64_t siphash(const std::array<std::uint8_t, 16>& key, std::string_view bytes);

}  // namespace punkt

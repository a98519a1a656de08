// Hashes, signatures and encodings; OpenSSL behind plain functions. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punkt::crypto {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view message);
std::string hex(std::string_view bytes);
std::string hex(const Digest& digest);
/// Standard alphabet with padding.
std::string base64(std::string_view bytes);
/// Standard alphabet, padding optional; nothing when malformed.
std::optional<std::string> from_base64(std::string_view text);
/// URL-safe alphabet without padding.
std::string base64url(std::string_view bytes);
/// Takes the same time wherever the first difference is. Different lengths are different.
bool equal_in_constant_time(std::string_view a, std::string_view b);
/// `count` random bytes.
std::string random_bytes(std::size_t count);

}  // namespace punkt::crypto

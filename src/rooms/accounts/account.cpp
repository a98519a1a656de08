#include "rooms/accounts/account.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace punkt::accounts {
namespace {

constexpr std::string_view key_id_prefix = "pk_live_";
constexpr std::string_view secret_prefix = "sk_live_";
constexpr std::size_t token_bytes_max = 512;  // more is no key of ours and not worth hashing

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

/// RFC 9562 §5.4.
std::string uuid_v4() {
    std::string bytes = crypto::random_bytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
    const std::string hex = crypto::hex(bytes);
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                       hex.substr(20));
}

}  // namespace

std::string NewKey::presented() const { return key.kind == KeyKind::pair ? key.key_id + "." + secret : secret; }

NewKey make_key(KeyKind kind, std::string name) {
    NewKey made;
    made.secret =
        std::string(secret_prefix) + (kind == KeyKind::pair ? crypto::base64url(crypto::random_bytes(24)) : uuid_v4());
    made.key = {.kind = kind,
                .key_id = std::string(key_id_prefix) + crypto::base64url(crypto::random_bytes(18)),
                .secret_sha256 = hash_of_secret(made.secret),
                .name = std::move(name)};
    return made;
}

std::string hash_of_secret(std::string_view secret) { return crypto::hex(crypto::sha256(secret)); }

std::optional<Credential> read_credential(std::string_view token) {
    if (token.size() > token_bytes_max) return std::nullopt;
    const auto dot = token.find('.');
    if (dot == std::string_view::npos) {
        if (!begins_with(token, secret_prefix)) return std::nullopt;
        return Credential{.secret = token};
    }
    const Credential pair = {.key_id = token.substr(0, dot), .secret = token.substr(dot + 1)};
    const bool is_pair = begins_with(pair.key_id, key_id_prefix) && begins_with(pair.secret, secret_prefix) &&
                         pair.secret.find('.') == std::string_view::npos;
    return is_pair ? std::optional(pair) : std::nullopt;
}

std::string_view name_problem(std::string_view name) {
    if (trimmed(name).empty()) return "can't be blank";
    if (name.size() > name_bytes_max) return "should be at most 255 bytes";
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::any_of(name.begin(), name.end(), is_control)) return "is invalid";
    return {};
}

}  // namespace punkt::accounts

// The keys that open organizations, as data, and the rules about them. Pure but for the random bytes.
// Source: contract "Identity of API keys", accounts.md §2 and §3, runlater-api.md §1.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"

namespace punkt::accounts {

/// How a key was handed out. Its secret alone opens the same organization either way.
enum class KeyKind : std::uint8_t {
    pair,    // "pk_live_….sk_live_…"
    single,  // "sk_live_…", what Qron's clients send
};

struct ApiKey {
    Id id = 0;
    Id organization = 0;
    KeyKind kind = KeyKind::pair;
    std::string key_id;         // "pk_live_" + 24 base64url characters
    std::string secret_sha256;  // lower-case hexadecimal
    std::string name;
    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> last_used_at = std::nullopt;
    std::optional<Timestamp> revoked_at = std::nullopt;
};

/// A key and its secret, which exists only here and in the answer that hands it out.
struct NewKey {
    ApiKey key;          // without id, organization and times
    std::string secret;  // pair: "sk_live_" + 32 base64url characters; single: "sk_live_" + a UUID v4

    /// What the client presents: "pk_live_….sk_live_…" or "sk_live_…".
    std::string presented() const;
};

/// Draws a new key from the system's randomness.
NewKey make_key(KeyKind kind, std::string name);
/// What is stored and looked up instead of a secret.
std::string hash_of_secret(std::string_view secret);

/// What a client says it is: a secret, and the public half if it sent one.
struct Credential {
    std::string_view key_id = {};  // empty: the secret alone
    std::string_view secret = {};
};

/// Splits "pk_live_….sk_live_…" (exactly one dot) or takes "sk_live_…". Nothing when it is neither; nothing is looked
/// up.
std::optional<Credential> read_credential(std::string_view token);

constexpr std::size_t name_bytes_max = 255;

/// Why a name for a key or an organization is refused; empty: it is fine. Not blank, at most 255 bytes, no control
/// bytes.
std::string_view name_problem(std::string_view name);

}  // namespace punkt::accounts

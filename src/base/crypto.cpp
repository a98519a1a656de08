#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"
#include "base/random.h"

namespace punkt::crypto {
namespace {

constexpr std::size_t block_bytes = 64;  // of SHA-256: FIPS 180-4 §1

/// SHA-256 on a context that each thread keeps: fetching the algorithm and allocating a context (what EVP_MAC, HMAC()
/// and EVP_Digest() do on every call in OpenSSL 3) costs several times the hashing of a short message.
class Sha256 {
  public:
    void start() {
        // Without an algorithm OpenSSL keeps the one the context has and only resets its state.
        check(EVP_DigestInit_ex2(context_.get(), ready_ ? nullptr : algorithm(), nullptr) == 1, "SHA-256 is available");
        ready_ = true;
    }
    void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    Digest finish() {
        Digest digest;
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1, "SHA-256 ends");
        return digest;
    }

  private:
    static const EVP_MD* algorithm() {
        static EVP_MD* fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        check(fetched != nullptr, "SHA-256 is available");
        return fetched;
    }
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
    bool ready_ = false;
};

Sha256& hasher() {
    thread_local Sha256 instance;
    return instance;
}

std::string_view view(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

constexpr char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, const char* alphabet, bool pad) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (k < count ? static_cast<std::uint8_t>(bytes[i + k]) : 0);
        }
        for (std::size_t k = 0; k <= count; ++k) text += alphabet[group >> (18 - 6 * k) & 63];
        if (pad) text.append(3 - count, '=');
    }
    return text;
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace

Digest sha256(std::string_view bytes) {
    Sha256& hash = hasher();
    hash.start();
    hash.add(bytes);
    return hash.finish();
}

Digest hmac_sha256(std::string_view key, std::string_view message) {  // RFC 2104 §2
    Digest hashed_key;
    if (key.size() > block_bytes) {
        hashed_key = sha256(key);
        key = view(hashed_key);
    }
    std::array<char, block_bytes> inner, outer;
    inner.fill(0x36);
    outer.fill(0x5c);
    for (std::size_t i = 0; i < key.size(); ++i) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    Sha256& hash = hasher();
    hash.start();
    hash.add({inner.data(), inner.size()});
    hash.add(message);
    const Digest first = hash.finish();
    hash.start();
    hash.add({outer.data(), outer.size()});
    hash.add(view(first));
    const Digest result = hash.finish();
    OPENSSL_cleanse(inner.data(), inner.size());
    OPENSSL_cleanse(outer.data(), outer.size());
    return result;
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += digits[static_cast<std::uint8_t>(c) >> 4];
        text += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return text;
}

std::string hex(const Digest& digest) { return hex(view(digest)); }

std::string base64(std::string_view bytes) { return encode(bytes, standard_alphabet, true); }

std::string base64url(std::string_view bytes) { return encode(bytes, url_alphabet, false); }

std::optional<std::string> from_base64(std::string_view text) {
    // 1. Padding is all or nothing, and only at the end.
    if (text.ends_with('=')) {
        if (text.size() % 4 != 0) return std::nullopt;
        text.remove_suffix(text.ends_with("==") ? 2 : 1);
    }
    if (text.size() % 4 == 1) return std::nullopt;
    // 2. Four characters are three bytes; two are one byte and three are two, with unused bits of zero.
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xff);
        }
    }
    if ((group & ((1u << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    secure_random({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

}  // namespace punkt::crypto

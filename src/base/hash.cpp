#include "base/hash.h"

#include <bit>
#include <cstring>

namespace punkt {
namespace {

std::uint64_t read_le64(const void* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;  // x86-64 and arm64 are little-endian; the build knows no other
}

struct State {
    std::uint64_t v0, v1, v2, v3;
    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
};

}  // namespace

std::uint64_t siphash(const std::array<std::uint8_t, 16>& key, std::string_view bytes) {
    const std::uint64_t k0 = read_le64(key.data());
    const std::uint64_t k1 = read_le64(key.data() + 8);
    State s{k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
            k1 ^ 0x7465646279746573ULL};
    const std::size_t whole = bytes.size() / 8 * 8;
    for (std::size_t i = 0; i < whole; i += 8) {
        const std::uint64_t word = read_le64(bytes.data() + i);
        s.v3 ^= word;
        s.round();
        s.round();
        s.v0 ^= word;
    }
    std::uint64_t last = static_cast<std::uint64_t>(bytes.size() & 0xff) << 56;
    for (std::size_t i = whole; i < bytes.size(); ++i)
        last |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * (i - whole));
    s.v3 ^= last;
    s.round();
    s.round();
    s.v0 ^= last;
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace punkt

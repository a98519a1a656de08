#include "base/random.h"

#include <openssl/rand.h>

#include "base/check.h"

namespace punkt {

void secure_random(std::span<std::uint8_t> bytes) {
    check(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "the system has no randomness");
}

std::uint64_t SystemRandom::next() {
    std::uint64_t value = 0;
    secure_random({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
}

std::uint64_t SeededRandom::next() {
    // splitmix64, public domain reference constants (Vigna)
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace punkt

// Randomness as a port: the system's for secrets and jitter, a seeded one for the simulation.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace punkt {

class Random {
  public:
    virtual ~Random() = default;
    /// 64 uniform bits.
    virtual std::uint64_t next() = 0;
    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    /// Uniform in [0, bound); bound 0 answers 0. The bias of the modulo is below 2^-32 for the bounds used here.
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

/// Cryptographic randomness from OpenSSL; ends the process when the system has none. Threads: any.
class SystemRandom final : public Random {
  public:
    std::uint64_t next() override;
};

/// Repeatable (splitmix64). Not for secrets. Threads: one.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() override;

  private:
    std::uint64_t state_;
};

/// Fills `bytes` with cryptographic randomness. Threads: any.
void secure_random(std::span<std::uint8_t> bytes);

}  // namespace punkt

// Counts durations in buckets that are 1.6 % wide, from 1 ns to centuries: quantiles of millions of values in 30 KB.
#pragma once

#include <array>
#include <cstdint>

namespace punkt::load {

/// Threads: one at a time.
class Histogram {
  public:
    /// A value below zero is counted as zero and remembered by `below_zero` and `min_ns`.
    void add(std::int64_t ns);

    /// The smallest recorded value, at most 1.6 % too high, that `share` (0…1) of all values do not exceed; 0 if empty.
    std::int64_t quantile_ns(double share) const;
    std::int64_t min_ns() const { return min_; }
    std::int64_t max_ns() const { return max_; }
    std::uint64_t count() const { return count_; }
    std::uint64_t below_zero() const { return below_zero_; }

  private:
    static constexpr int fine_bits = 6;  // 64 buckets for each power of two
    static constexpr std::size_t buckets = (64 - fine_bits) << fine_bits;
    static std::size_t bucket_of(std::uint64_t value);
    static std::uint64_t end_of(std::size_t bucket);

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t below_zero_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace punkt::load

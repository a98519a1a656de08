#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace punkt::load {

std::size_t Histogram::bucket_of(std::uint64_t value) {
    constexpr std::uint64_t fine = 1U << fine_bits;
    if (value < fine) return value;
    const int shift = std::bit_width(value) - 1 - fine_bits;
    return (static_cast<std::size_t>(shift + 1) << fine_bits) + ((value >> shift) - fine);
}

std::uint64_t Histogram::end_of(std::size_t bucket) {
    constexpr std::uint64_t fine = 1U << fine_bits;
    if (bucket < fine) return bucket;
    const auto shift = static_cast<int>(bucket >> fine_bits) - 1;
    const std::uint64_t start = (fine + (bucket & (fine - 1))) << shift;
    return start + (std::uint64_t{1} << shift) - 1;
}

void Histogram::add(std::int64_t ns) {
    min_ = count_ == 0 ? ns : std::min(min_, ns);
    max_ = count_ == 0 ? ns : std::max(max_, ns);
    ++count_;
    if (ns < 0) ++below_zero_;
    ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0)))];
}

std::int64_t Histogram::quantile_ns(double share) const {
    if (count_ == 0) return 0;
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += counts_[bucket];
        if (seen >= wanted) return std::min(static_cast<std::int64_t>(end_of(bucket)), max_);
    }
    return max_;
}

}  // namespace punkt::load

// The clocks of the bench, in nanoseconds. Wall time meets the due times that Punkt was given; durations are steady.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <cstdint>

namespace punkt::load {

inline std::int64_t read_clock_ns(clockid_t clock) {
    timespec at{};
    ::clock_gettime(clock, &at);
    return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

inline std::int64_t steady_ns() { return read_clock_ns(CLOCK_MONOTONIC); }
inline std::int64_t wall_ns() { return read_clock_ns(CLOCK_REALTIME); }
inline std::int64_t thread_cpu_ns() { return read_clock_ns(CLOCK_THREAD_CPUTIME_ID); }
inline std::int64_t process_cpu_ns() { return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
/// The part of thread_cpu_ns() that was not spent in the kernel.
inline std::int64_t thread_user_ns() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    return (static_cast<std::int64_t>(used.ru_utime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec) * 1'000;
}

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ns_per_s = 1'000'000'000;
inline double seconds(std::int64_t ns) { return static_cast<double>(ns) / static_cast<double>(ns_per_s); }

}  // namespace punkt::load

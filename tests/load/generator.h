// The load generator: one thread, N keep-alive connections, closed loop (each connection sends as soon as it was
// answered) or open loop (a fixed rate, whatever the answers do). Nearly all of its
// CPU is the kernel's: about 0.4 µs a request are its own.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "histogram.h"

namespace punkt::load {

struct LoadOptions {
    std::uint16_t port = 0;
    int connections = 1;
    int pipelined = 1;  // requests in flight on each connection
    std::chrono::milliseconds duration{1'000};
    std::uint64_t requests_max = UINT64_MAX;
    double per_second = 0;                             // 0: closed loop
    std::chrono::milliseconds answers_within{10'000};  // after the last request was sent
    int expected_status = 200;
    std::uint64_t first_number = 0;
    /// Appends request number n to `out`.
    std::function<void(std::uint64_t n, std::string& out)> write = {};
    /// Called for each answer, in any order; may be empty.
    std::function<void(std::uint64_t n, int status, std::string_view body)> answered = {};
};

/// `latency` runs from when a request was to be sent (open loop) or was sent, until its answer was read.
struct LoadResult {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;    // with the expected status
    std::uint64_t refused = 0;     // with another
    std::uint64_t unanswered = 0;  // connection lost, or no answer in time
    Histogram latency = {};
    double seconds = 0;  // first request to last answer
    std::int64_t cpu_ns = 0;
    std::int64_t user_ns = 0;        // the part of it outside the kernel
    std::string first_problem = {};  // one sentence about the first refused or lost request

    double per_second() const { return seconds > 0 ? static_cast<double>(answered) / seconds : 0; }
};

/// Runs on the calling thread until the duration is over or `requests_max` are answered. Ends early when
/// stop_requested() or when no connection can be made.
LoadResult run_load(const LoadOptions& options);

/// Set by SIGINT and SIGTERM: everything that waits in the bench looks at it.
std::atomic<bool>& stop_requested();

}  // namespace punkt::load

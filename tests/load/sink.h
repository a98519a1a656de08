// The target of the bench: answers every request with 200, at once or after the delay its path asks for, and remembers
// when each numbered task arrived and how often. One thread; nearly all of its CPU is the kernel's.
//   /n/123              200 at once
//   /sleep/100/n/123    200 after 100 ms
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "sockets.h"

namespace punkt::load {

/// Wall times in nanoseconds. Written by the sink's thread, readable by any.
struct Arrivals {
    std::atomic<std::int64_t> first_ns = 0;
    std::atomic<std::int64_t> last_ns = 0;
    std::atomic<std::uint32_t> count = 0;
};

class Sink {
  public:
    /// A running sink that knows the numbers 0 … numbers−1; others are answered and only counted.
    static Result<std::unique_ptr<Sink>> start(std::size_t numbers);
    ~Sink();

    std::uint16_t port() const { return port_; }
    /// The URL of a task, with "/sleep/<ms>" in front if `sleep_ms` is not 0.
    std::string url(std::uint64_t number, int sleep_ms = 0) const;

    std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }
    std::uint64_t distinct() const { return distinct_.load(std::memory_order_relaxed); }
    const Arrivals& arrivals(std::size_t number) const { return arrivals_[number]; }
    /// CPU time of the sink's thread, and the part of it outside the kernel, as of when it last waited.
    std::int64_t cpu_ns() const { return cpu_ns_.load(std::memory_order_relaxed); }
    std::int64_t user_ns() const { return user_ns_.load(std::memory_order_relaxed); }

  private:
    class Loop;
    explicit Sink(std::size_t numbers) : arrivals_(numbers) {}

    std::vector<Arrivals> arrivals_;
    std::uint16_t port_ = 0;
    Fd stop_;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> distinct_ = 0;
    std::atomic<std::int64_t> cpu_ns_ = 0;
    std::atomic<std::int64_t> user_ns_ = 0;
    std::thread thread_;
};

}  // namespace punkt::load

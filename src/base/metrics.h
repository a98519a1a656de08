// Numbers for Prometheus: counters, gauges and histograms in a registry that is passed by reference.
// Registering takes a lock and happens at start; counting is one relaxed atomic and happens anywhere.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace punkt {

/// Only grows. Threads: any. On a cache line of its own, so that two hot counters do not slow each other.
class alignas(64) Counter {
  public:
    void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Threads: any.
class alignas(64) Gauge {
  public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double difference) { value_.fetch_add(difference, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<double> value_{0};
};

/// Counts values into fixed buckets. Threads: any. Memory: 8 bytes for each bucket.
class Histogram {
  public:
    /// `bounds`: upper ends of the buckets, inclusive, growing; one for everything above is added.
    explicit Histogram(std::vector<double> bounds);
    void observe(double value);

    const std::vector<double>& bounds() const { return bounds_; }
    /// Values in bucket `index`, not cumulative; `bounds().size()` is the one above all bounds.
    std::uint64_t in_bucket(std::size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
    double sum() const { return sum_.load(std::memory_order_relaxed); }

  private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> buckets_;
    std::atomic<double> sum_{0};
};

/// Owns every metric. Threads: any.
class Metrics {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;
    struct Sample {
        Labels labels = {};
        double value = 0;
    };
    enum class Kind { counter, gauge, histogram };

    /// From 1 ms to 5 min, in seconds: what a delivery may take.
    static std::vector<double> seconds_buckets();
    /// 1, 2, 4 … up to `last`: sizes of batches.
    static std::vector<double> doubling_buckets(double last);

    /// The metric of that name and those labels, made when it is new. The reference lives as long as the registry.
    /// Names are `punkt_<thing>_<unit>`, counters end in `_total`. The same name with another kind ends the process.
    Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                         const Labels& labels = {});
    /// A counter or gauge that is read when somebody looks. `read` must live as long as text() may be called, must not
    /// block long, and must not register metrics. Replaces an earlier reader of that name.
    void read(Kind kind, std::string_view name, std::string_view help, std::function<double()> read);
    /// The same for many labelled values at once: the depth of each queue.
    void read_many(Kind kind, std::string_view name, std::string_view help, std::function<std::vector<Sample>()> read);

    /// Everything in Prometheus' text format 0.0.4, sorted by name.
    std::string text() const;

  private:
    using Metric = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>;
    struct Family {
        Kind kind = Kind::counter;
        std::string help;
        std::map<std::string, Metric> metrics = {};  // by rendered labels
        std::function<std::vector<Sample>()> read = {};
    };
    Family& family(Kind kind, std::string_view name, std::string_view help);
    template <class T, class Make>
    T& metric(Kind kind, std::string_view name, std::string_view help, const Labels& labels, Make make);

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace punkt

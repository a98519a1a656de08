// How many requests a caller may send in a minute and in an hour. Off unless configured.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "api/sliding_count.h"
#include "base/clock.h"
#include "net/http_server.h"

namespace punkt::api {

struct RateLimits {
    std::int64_t per_minute = 0;  // 0: no limit
    std::int64_t per_hour = 0;
    bool is_off() const { return per_minute <= 0 && per_hour <= 0; }
};

/// What is named in `own` replaces what is named in `general`.
inline RateLimits merged(const RateLimits& general, const RateLimits& own) {
    return {.per_minute = own.per_minute > 0 ? own.per_minute : general.per_minute,
            .per_hour = own.per_hour > 0 ? own.per_hour : general.per_hour};
}

/// Windows that slide: no stretch of a minute or an hour has more requests than it may, where those of the reference
/// begin with the clock's minute and let twice as many through around it (runlater-api.md §1.4). Requests count for the
/// key they present, and for the address they come from when they present none; what a refused key would have counted,
/// its address pays, so that inventing keys does not help. What is refused does not count. A caller takes about 200
/// bytes, 2 KB when it sends all the time. Times are steady. Threads: any.
class RateLimiter {
  public:
    explicit RateLimiter(RateLimits limits) : limits_(limits) {}
    bool is_off() const { return limits_.is_off(); }

    struct Verdict {
        bool is_allowed = true;
        std::int64_t limit = 0;  // of the window that is nearer to its end of requests
        std::int64_t remaining = 0;
        std::int64_t reset_s = 0;  // until some of that window comes back, at least 1; refused: until the next may come
        RateLimits limits = {};    // all that hold for the caller; without any nothing was counted
    };
    /// Counts the request and judges it. `own`: limits of the caller's plan.
    Verdict admit(const net::HttpRequest& request, Microseconds now, const RateLimits& own = {});
    /// The request's key was refused.
    void punish(const net::HttpRequest& request, Microseconds now);

    /// Adds RateLimit-Policy ("300;w=60, 5000;w=3600"), RateLimit-Limit, -Remaining, -Reset, and Retry-After to a
    /// refusal.
    static void describe(const Verdict& verdict, net::HttpReply& reply);

  private:
    struct Usage {
        SlidingCount minute{std::chrono::minutes{1}};
        SlidingCount hour{std::chrono::hours{1}};
        void forget(Microseconds now) {
            minute.forget(now);
            hour.forget(now);
        }
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::uint64_t, Usage> callers;
        Microseconds tidy_at{0};
    };
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t callers_max = 10'000;  // for each shard; beyond, callers share a count
    static constexpr Microseconds tidy_every{10'000'000};

    Verdict count(std::uint64_t caller, Microseconds now, const RateLimits& limits);
    Verdict look(std::uint64_t caller, Microseconds now);
    static Usage& usage(Shard& shard, std::uint64_t caller, Microseconds now);
    static bool fits(const Usage& usage, const RateLimits& limits);
    static Verdict verdict_of(bool is_allowed, const Usage& usage, Microseconds now, const RateLimits& limits);

    RateLimits limits_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace punkt::api

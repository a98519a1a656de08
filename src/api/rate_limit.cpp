#include "api/rate_limit.h"

#include <fmt/format.h>

#include <string>

#include "base/hash.h"
#include "base/random.h"

namespace punkt::api {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 3'600'000;

/// Nobody outside can make two callers collide.
std::uint64_t hash_of(std::string_view kind, std::string_view name) {
    static const std::array<std::uint8_t, 16> key = [] {
        std::array<std::uint8_t, 16> bytes{};
        secure_random(bytes);
        return bytes;
    }();
    return siphash(key, std::string(kind) + std::string(name));
}

std::string_view presented_key(const net::HttpRequest& request) {
    if (const auto key = request.header("x-api-key"); key && !key->empty()) return *key;
    return request.header("authorization").value_or("");
}

std::uint64_t failures_of(const net::HttpRequest& request) { return hash_of("refused:", request.peer); }

}  // namespace

std::int64_t& RateLimiter::counter(Window& window, std::int64_t number, std::uint64_t caller) {
    if (window.number != number) {
        window.number = number;
        window.counts.clear();
    }
    const bool is_full = window.counts.size() >= callers_max && !window.counts.contains(caller);
    return window.counts[is_full ? 0 : caller];
}

RateLimiter::Verdict RateLimiter::judge(std::int64_t in_minute, std::int64_t in_hour, Timestamp now,
                                        const RateLimits& limits) {
    const auto of_window = [&](std::int64_t used, std::int64_t limit, std::int64_t length_ms) {
        const std::int64_t left_ms = length_ms - to_ms(now) % length_ms;
        return Verdict{used <= limit, limit, std::max<std::int64_t>(limit - used, 0), (left_ms + 999) / 1000, limits};
    };
    const Verdict minute = of_window(in_minute, limits.per_minute, minute_ms);
    const Verdict hour = of_window(in_hour, limits.per_hour, hour_ms);
    if (limits.per_hour <= 0) return minute;
    if (limits.per_minute <= 0) return hour;
    return hour.remaining < minute.remaining || !hour.is_allowed ? hour : minute;
}

RateLimiter::Verdict RateLimiter::count(std::uint64_t caller, Timestamp now, const RateLimits& limits) {
    Shard& shard = shards_[caller % shard_count];
    const std::lock_guard lock(shard.mutex);
    const std::int64_t in_minute = ++counter(shard.minute, to_ms(now) / minute_ms, caller);
    const std::int64_t in_hour = ++counter(shard.hour, to_ms(now) / hour_ms, caller);
    return judge(in_minute, in_hour, now, limits);
}

RateLimiter::Verdict RateLimiter::look(std::uint64_t caller, Timestamp now) {
    Shard& shard = shards_[caller % shard_count];
    const std::lock_guard lock(shard.mutex);
    const auto used = [&](const Window& window, std::int64_t number) {
        const auto found = window.counts.find(caller);
        return window.number == number && found != window.counts.end() ? found->second : 0;
    };
    // One more than was used: would the next be allowed?
    return judge(used(shard.minute, to_ms(now) / minute_ms) + 1, used(shard.hour, to_ms(now) / hour_ms) + 1, now,
                 limits_);
}

RateLimiter::Verdict RateLimiter::admit(const net::HttpRequest& request, Timestamp now, const RateLimits& own) {
    const RateLimits limits = merged(limits_, own);
    if (limits.is_off()) return {};
    const std::string_view key = presented_key(request);
    if (key.empty()) return is_off() ? Verdict{} : count(hash_of("peer:", request.peer), now, limits_);
    if (!is_off())
        if (const Verdict failures = look(failures_of(request), now); !failures.is_allowed) return failures;
    return count(hash_of("key:", key), now, limits);
}

void RateLimiter::punish(const net::HttpRequest& request, Timestamp now) {
    if (!is_off()) (void)count(failures_of(request), now, limits_);
}

void RateLimiter::describe(const Verdict& verdict, net::HttpReply& reply) {
    const auto policy = [](std::int64_t limit, int seconds) {
        return limit > 0 ? fmt::format("{};w={}", limit, seconds) : std::string();
    };
    const std::string minute = policy(verdict.limits.per_minute, 60), hour = policy(verdict.limits.per_hour, 3600);
    reply.headers.emplace_back("ratelimit-policy", minute + (minute.empty() || hour.empty() ? "" : ", ") + hour);
    reply.headers.emplace_back("ratelimit-limit", std::to_string(verdict.limit));
    reply.headers.emplace_back("ratelimit-remaining", std::to_string(verdict.remaining));
    reply.headers.emplace_back("ratelimit-reset", std::to_string(verdict.reset_s));
    if (!verdict.is_allowed) reply.headers.emplace_back("retry-after", std::to_string(verdict.reset_s));
}

}  // namespace punkt::api

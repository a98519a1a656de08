#include "api/rate_limit.h"

#include <fmt/format.h>

#include <string>

#include "base/hash.h"
#include "base/random.h"

namespace punkt::api {
namespace {

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

/// Callers that sent nothing for an hour are forgotten now and then.
RateLimiter::Usage& RateLimiter::usage(Shard& shard, std::uint64_t caller, Microseconds now) {
    if (now >= shard.tidy_at) {
        shard.tidy_at = now + tidy_every;
        std::erase_if(shard.callers, [now](const auto& entry) {
            return entry.second.minute.is_over(now) && entry.second.hour.is_over(now);
        });
    }
    const bool is_full = shard.callers.size() >= callers_max && !shard.callers.contains(caller);
    Usage& found = shard.callers[is_full ? 0 : caller];
    found.forget(now);
    return found;
}

bool RateLimiter::fits(const Usage& usage, const RateLimits& limits) {
    return (limits.per_minute <= 0 || usage.minute.used() < limits.per_minute) &&
           (limits.per_hour <= 0 || usage.hour.used() < limits.per_hour);
}

RateLimiter::Verdict RateLimiter::verdict_of(bool is_allowed, const Usage& usage, Microseconds now,
                                             const RateLimits& limits) {
    const auto of_window = [&](const SlidingCount& window, std::int64_t limit) {
        const std::int64_t wait_us = window.wait(limit, now).count();
        return Verdict{is_allowed, limit, std::max<std::int64_t>(limit - window.used(), 0),
                       std::max<std::int64_t>((wait_us + 999'999) / 1'000'000, 1), limits};
    };
    if (limits.per_hour <= 0) return of_window(usage.minute, limits.per_minute);
    if (limits.per_minute <= 0) return of_window(usage.hour, limits.per_hour);
    const Verdict minute = of_window(usage.minute, limits.per_minute), hour = of_window(usage.hour, limits.per_hour);
    if (minute.remaining != hour.remaining) return minute.remaining < hour.remaining ? minute : hour;
    return minute.reset_s > hour.reset_s ? minute : hour;
}

RateLimiter::Verdict RateLimiter::count(std::uint64_t caller, Microseconds now, const RateLimits& limits) {
    Shard& shard = shards_[caller % shard_count];
    const std::lock_guard lock(shard.mutex);
    Usage& used = usage(shard, caller, now);
    const bool is_allowed = fits(used, limits);
    if (is_allowed && limits.per_minute > 0) used.minute.add(now);
    if (is_allowed && limits.per_hour > 0) used.hour.add(now);
    return verdict_of(is_allowed, used, now, limits);
}

RateLimiter::Verdict RateLimiter::look(std::uint64_t caller, Microseconds now) {
    Shard& shard = shards_[caller % shard_count];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.callers.find(caller);
    if (found == shard.callers.end()) return {};
    found->second.forget(now);
    return verdict_of(fits(found->second, limits_), found->second, now, limits_);
}

RateLimiter::Verdict RateLimiter::admit(const net::HttpRequest& request, Microseconds now, const RateLimits& own) {
    const RateLimits limits = merged(limits_, own);
    if (limits.is_off()) return {};
    const std::string_view key = presented_key(request);
    if (key.empty()) return is_off() ? Verdict{} : count(hash_of("peer:", request.peer), now, limits_);
    if (!is_off())
        if (const Verdict failures = look(failures_of(request), now); !failures.is_allowed) return failures;
    return count(hash_of("key:", key), now, limits);
}

void RateLimiter::punish(const net::HttpRequest& request, Microseconds now) {
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

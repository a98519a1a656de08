#include "api/rate_limit.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

using namespace std::chrono_literals;

const Microseconds noon = 12h;

net::HttpRequest from(std::string peer, std::string key = "") {
    net::HttpRequest request{.peer = std::move(peer)};
    if (!key.empty()) request.headers.emplace_back("authorization", "Bearer " + key);
    return request;
}

TEST(RateLimit, is_off_without_limits) {
    RateLimiter limiter({});
    EXPECT_TRUE(limiter.is_off());
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed);
}

TEST(RateLimit, refuses_the_request_after_the_last_until_the_oldest_is_a_minute_ago) {
    RateLimiter limiter({.per_minute = 3});
    for (int left = 2; left >= 0; --left) {
        const auto verdict = limiter.admit(from("a"), noon + 30s);
        EXPECT_TRUE(verdict.is_allowed);
        EXPECT_EQ(verdict.limit, 3);
        EXPECT_EQ(verdict.remaining, left);
        EXPECT_EQ(verdict.reset_s, 60);
    }
    const auto refused = limiter.admit(from("a"), noon + 60s);
    EXPECT_FALSE(refused.is_allowed) << "the clock's minute is another one, and nothing came back";
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.reset_s, 30);
    EXPECT_EQ(limiter.admit(from("a"), noon + 89'001ms).reset_s, 1);
    EXPECT_TRUE(limiter.admit(from("b"), noon + 60s).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a"), noon + 90s).is_allowed);
}

TEST(RateLimit, what_is_refused_does_not_count) {
    RateLimiter limiter({.per_minute = 1});
    EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed);
    for (int i = 1; i < 60; ++i) EXPECT_FALSE(limiter.admit(from("a"), noon + i * 1s).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a"), noon + 60s).is_allowed);
}

TEST(RateLimit, enforces_the_hour_too) {
    RateLimiter limiter({.per_minute = 3, .per_hour = 4});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a"), noon + 1min).is_allowed);
    const auto refused = limiter.admit(from("a"), noon + 1min);
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_EQ(refused.limit, 4);
    EXPECT_EQ(refused.reset_s, 59 * 60);
    EXPECT_TRUE(limiter.admit(from("a"), noon + 60min).is_allowed);
    RateLimiter hourly({.per_hour = 1});
    EXPECT_TRUE(hourly.admit(from("a"), noon).is_allowed);
    EXPECT_FALSE(hourly.admit(from("a"), noon + 59min).is_allowed);
}

TEST(RateLimit, of_two_that_refuse_it_names_the_one_that_lasts) {
    RateLimiter limiter({.per_minute = 2, .per_hour = 2});
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed);
    EXPECT_EQ(limiter.admit(from("a"), noon + 30s).reset_s, 3570);
}

TEST(RateLimit, counts_keys_apart_from_addresses) {
    RateLimiter limiter({.per_minute = 1});
    EXPECT_TRUE(limiter.admit(from("a", "one"), noon).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a", "two"), noon).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed);
    EXPECT_FALSE(limiter.admit(from("b", "one"), noon).is_allowed);
    EXPECT_FALSE(limiter.admit(from("a"), noon).is_allowed);
}

TEST(RateLimit, lets_nobody_invent_keys) {
    RateLimiter limiter({.per_minute = 2});
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(limiter.admit(from("a", "key" + std::to_string(i)), noon).is_allowed);
        limiter.punish(from("a", "key" + std::to_string(i)), noon);
    }
    EXPECT_FALSE(limiter.admit(from("a", "key2"), noon).is_allowed);
    EXPECT_TRUE(limiter.admit(from("b", "key2"), noon).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a", "key2"), noon + 1min).is_allowed);
}

TEST(RateLimit, a_plan_s_own_numbers_replace_the_general_ones_one_by_one) {
    RateLimiter limiter({.per_minute = 1, .per_hour = 100});
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.admit(from("a", "paid"), noon, {.per_minute = 3}).is_allowed);
    const auto refused = limiter.admit(from("a", "paid"), noon, {.per_minute = 3});
    EXPECT_FALSE(refused.is_allowed);
    EXPECT_EQ(refused.limits.per_hour, 100);
    EXPECT_TRUE(limiter.admit(from("a", "other"), noon).is_allowed);
    EXPECT_FALSE(limiter.admit(from("a", "other"), noon).is_allowed);
}

TEST(RateLimit, a_plan_s_limit_holds_when_the_installation_has_none) {
    RateLimiter limiter({});
    EXPECT_TRUE(limiter.admit(from("a", "one"), noon, {.per_hour = 1}).is_allowed);
    limiter.punish(from("a", "bad"), noon);
    EXPECT_FALSE(limiter.admit(from("a", "one"), noon, {.per_hour = 1}).is_allowed);
    EXPECT_TRUE(limiter.admit(from("a", "one"), noon + 1h, {.per_hour = 1}).is_allowed);
    for (int i = 0; i < 9; ++i) EXPECT_TRUE(limiter.admit(from("a"), noon).is_allowed) << "addresses have no plan";
}

TEST(RateLimit, writes_its_headers) {
    net::HttpReply reply;
    RateLimiter::describe(
        {.is_allowed = false, .limit = 5, .remaining = 0, .reset_s = 9, .limits = {.per_minute = 5, .per_hour = 60}},
        reply);
    const std::vector<std::pair<std::string, std::string>> expected{{"ratelimit-policy", "5;w=60, 60;w=3600"},
                                                                    {"ratelimit-limit", "5"},
                                                                    {"ratelimit-remaining", "0"},
                                                                    {"ratelimit-reset", "9"},
                                                                    {"retry-after", "9"}};
    EXPECT_EQ(reply.headers, expected);
}

}  // namespace
}  // namespace punkt::api

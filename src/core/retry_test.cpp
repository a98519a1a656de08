#include "core/retry.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

using namespace std::chrono_literals;
using Strategy = RetryPolicy::Strategy;

/// The delays after attempts 1…count, without jitter.
std::vector<Milliseconds> delays(RetryPolicy policy, int count) {
    policy.jitter = 0;
    SeededRandom random(1);
    std::vector<Milliseconds> found;
    for (int attempt = 1; attempt <= count; ++attempt) found.push_back(retry_delay(policy, attempt, random));
    return found;
}

TEST(Retry, the_standard_policy_waits_as_the_contract_says) {
    EXPECT_EQ(delays(standard_retry_policy(5s), 5), (std::vector<Milliseconds>{20s, 45s, 80s, 125s, 180s}));
    EXPECT_EQ(delays(standard_retry_policy(10ms), 2), (std::vector<Milliseconds>{40ms, 90ms}));
}

TEST(Retry, every_strategy_has_its_formula) {
    EXPECT_EQ(delays({.strategy = Strategy::exponential, .initial = 1s, .factor = 3}, 4),
              (std::vector<Milliseconds>{1s, 3s, 9s, 27s}));
    EXPECT_EQ(delays({.strategy = Strategy::linear, .initial = 2s}, 3), (std::vector<Milliseconds>{2s, 4s, 6s}));
    EXPECT_EQ(delays({.strategy = Strategy::fixed, .initial = 7s}, 3), (std::vector<Milliseconds>{7s, 7s, 7s}));
    EXPECT_EQ(delays({.strategy = Strategy::qron, .initial = 1s}, 4), (std::vector<Milliseconds>{1s, 3s, 7s, 15s}));
    EXPECT_EQ(delays({.strategy = Strategy::ladder, .ladder = {5s, 5min, 30min}}, 5),
              (std::vector<Milliseconds>{5s, 5min, 30min, 30min, 30min}));
}

TEST(Retry, never_waits_longer_than_the_maximum_however_far_the_formula_grows) {
    EXPECT_EQ(delays({.strategy = Strategy::exponential, .initial = 1h, .factor = 1e300, .max = 2h}, 11).back(), 2h);
    EXPECT_EQ(delays({.strategy = Strategy::ladder, .max = 1min, .ladder = {5h}}, 1).back(), 1min);
    EXPECT_EQ(delays({.strategy = Strategy::fixed, .initial = 1000h}, 1).back(), 24h);
}

TEST(Retry, waits_a_millisecond_at_least) {
    EXPECT_EQ(delays({.strategy = Strategy::fixed, .initial = 0ms}, 1).back(), 1ms);
    EXPECT_EQ(delays({.strategy = Strategy::ladder, .initial = 0ms}, 1).back(), 1ms);
}

TEST(Retry, jitter_spreads_the_delay_to_both_sides_and_no_further) {
    SeededRandom random(7);
    const RetryPolicy policy{.strategy = Strategy::fixed, .initial = 100s, .jitter = 0.1};
    auto least = Milliseconds::max();
    auto most = Milliseconds::min();
    for (int i = 0; i < 1'000; ++i) {
        const auto delay = retry_delay(policy, 1, random);
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    EXPECT_GE(least, 90s);
    EXPECT_LT(least, 91s);
    EXPECT_LE(most, 110s);
    EXPECT_GT(most, 109s);
}

TEST(RetryDeathTest, attempts_count_from_one) {
    SeededRandom random(1);
    EXPECT_DEATH(retry_delay({}, 0, random), "attempts count from 1");
}

}  // namespace
}  // namespace punkt

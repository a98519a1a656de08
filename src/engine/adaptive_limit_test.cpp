#include "engine/adaptive_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;

Microseconds as_time(double us) { return Microseconds{static_cast<std::int64_t>(us)}; }

/// Rounds in which the limit is used to the full, against a host that works on `capacity` calls at once, each in 100
/// ms; beyond that they wait for each other.
void rounds(AdaptiveLimit& limit, int count, int capacity, Microseconds& now, bool is_well = true) {
    for (int i = 0; i < count; ++i) {
        const int out = limit.limit();
        const Microseconds started = now;
        now += as_time(100'000 * std::max(1.0, static_cast<double>(out) / capacity));
        for (int call = 0; call < out; ++call) limit.answered(is_well, started, now, out);
    }
}

TEST(AdaptiveLimit, finds_what_a_host_takes_and_stays_there) {
    AdaptiveLimit limit({.is_on = true});
    Microseconds now{0};
    rounds(limit, 200, 20, now);
    // Twice the latency without load is reached at 40 at once.
    EXPECT_GT(limit.limit(), 20);
    EXPECT_LE(limit.limit(), 44);
    EXPECT_NEAR(static_cast<double>(limit.floor().count()), 100'000, 30'000);
}

TEST(AdaptiveLimit, halves_within_a_few_rounds_when_the_host_fails_and_comes_back) {
    AdaptiveLimit limit({.is_on = true, .min = 2, .max = 50, .start = 40});
    Microseconds now{1};
    rounds(limit, 3, 1'000, now, false);
    EXPECT_LT(limit.limit(), 20);
    rounds(limit, 100, 1'000, now, false);
    EXPECT_EQ(limit.limit(), 2);
    rounds(limit, 200, 1'000, now);
    EXPECT_EQ(limit.limit(), 50);
}

TEST(AdaptiveLimit, many_calls_that_meet_one_trouble_count_as_one) {
    AdaptiveLimit limit({.is_on = true, .start = 40});
    for (int i = 0; i < 40; ++i) limit.answered(false, 1s, 2s + i * 1ms, 40);
    EXPECT_EQ(limit.limit(), 30);
}

TEST(AdaptiveLimit, does_not_grow_while_nobody_needs_it) {
    AdaptiveLimit limit({.is_on = true});
    for (int i = 0; i < 1'000; ++i) limit.answered(true, i * 1s, i * 1s + 100ms, 1);
    EXPECT_EQ(limit.limit(), 10);
}

TEST(AdaptiveLimit, keeps_its_bounds_from_the_start) {
    EXPECT_EQ(AdaptiveLimit({.min = 20, .start = 10}).limit(), 20);
    EXPECT_EQ(AdaptiveLimit({.max = 5, .start = 10}).limit(), 5);
}

}  // namespace
}  // namespace punkt::engine

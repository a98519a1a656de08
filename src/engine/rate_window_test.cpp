#include "engine/rate_window.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;

/// Starts as early as the window allows; the instants of `count` starts.
std::vector<Microseconds> starts(RateWindow& window, const Rate& rate, int count, Microseconds from = 1h) {
    std::vector<Microseconds> found;
    for (Microseconds now = from; static_cast<int>(found.size()) < count;) {
        const Microseconds wait = window.wait(rate, now);
        now += wait;
        if (wait > 0us) continue;
        window.started(rate, now);
        found.push_back(now);
    }
    return found;
}

int most_in_any_period(const std::vector<Microseconds>& starts, Microseconds period) {
    int most = 0;
    for (std::size_t i = 0, from = 0; i < starts.size(); ++i) {
        while (starts[from] + period <= starts[i]) ++from;
        most = std::max(most, static_cast<int>(i - from + 1));
    }
    return most;
}

TEST(RateWindow, without_a_burst_starts_are_evenly_spaced) {
    RateWindow window;
    EXPECT_EQ(starts(window, {.count = 4, .period = 1s}, 5),
              (std::vector<Microseconds>{1h, 1h + 250ms, 1h + 500ms, 1h + 750ms, 1h + 1s}));
}

TEST(RateWindow, after_a_quiet_time_a_burst_starts_at_once_and_no_period_has_too_many) {
    RateWindow window;
    const Rate rate{.count = 4, .period = 1s, .burst = 3};
    EXPECT_EQ(starts(window, rate, 6), (std::vector<Microseconds>{1h, 1h, 1h, 1h + 250ms, 1h + 1s, 1h + 1s}));
}

TEST(RateWindow, a_full_burst_is_a_sliding_window) {
    RateWindow window;
    const Rate rate{.count = 3, .period = 1min, .burst = 3};
    EXPECT_EQ(starts(window, rate, 7),
              (std::vector<Microseconds>{1h, 1h, 1h, 1h + 1min, 1h + 1min, 1h + 1min, 1h + 2min}));
}

TEST(RateWindow, whatever_the_numbers_no_period_has_too_many_and_the_rate_is_reached) {
    SeededRandom random{7};
    for (int round = 0; round < 50; ++round) {
        const int count = 1 + static_cast<int>(random.below(round < 40 ? 50 : 2'000));
        const Rate rate{.count = count,
                        .period = Milliseconds{1 + static_cast<int>(random.below(10'000))},
                        .burst = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(count)))};
        RateWindow window;
        const auto found = starts(window, rate, 4 * count);
        EXPECT_LE(most_in_any_period(found, rate.period), count) << count << " per " << rate.period.count();
        EXPECT_LE(found.back() - found.front(), Microseconds{rate.period} * 4 + 8ms) << count;
    }
}

TEST(RateWindow, what_is_reserved_counts_as_started) {
    RateWindow window;
    const Rate rate{.count = 2, .period = 1s, .burst = 2};
    EXPECT_EQ(window.wait(rate, 1h, 1), 0us);
    EXPECT_GT(window.wait(rate, 1h, 2), 0us);
    window.started(rate, 1h);
    EXPECT_GT(window.wait(rate, 1h, 1), 0us);
}

TEST(RateWindow, a_new_rate_holds_at_once) {
    RateWindow window;
    window.started({.count = 1, .period = 24h}, 1h);
    EXPECT_EQ(window.wait({.count = 1, .period = 24h}, 2h), 23h);
    EXPECT_EQ(window.wait({.count = 10, .period = 1min}, 2h), 0us);
    EXPECT_EQ(window.wait({.count = 1, .period = 2h}, 2h), 1h);
}

TEST(RateWindow, is_over_when_its_period_is) {
    RateWindow window;
    EXPECT_TRUE(window.is_over(1h));
    window.started({.count = 1, .period = 1min}, 1h);
    EXPECT_FALSE(window.is_over(1h + 59s));
    EXPECT_TRUE(window.is_over(1h + 1min));
}

}  // namespace
}  // namespace punkt::engine

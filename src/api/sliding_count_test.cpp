#include "api/sliding_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace punkt::api {
namespace {

using namespace std::chrono_literals;

TEST(SlidingCount, forgets_what_is_a_period_old_and_nothing_younger) {
    SlidingCount count(1min);
    count.add(10s);
    count.add(30s);
    count.forget(70s - 1us);
    EXPECT_EQ(count.used(), 2);
    count.forget(70s);
    EXPECT_EQ(count.used(), 1);
    EXPECT_FALSE(count.is_over(90s - 1us));
    EXPECT_TRUE(count.is_over(90s));
}

TEST(SlidingCount, says_when_the_next_fits) {
    SlidingCount count(1min);
    EXPECT_EQ(count.wait(1, 0s), 0s);
    for (int i = 0; i < 3; ++i) count.add(10s + i * 5s);
    EXPECT_EQ(count.wait(3, 30s), 40s) << "the oldest leaves at 70 s";
    EXPECT_EQ(count.wait(1, 30s), 50s) << "a limit that has become smaller waits for more of them";
    EXPECT_EQ(count.wait(9, 30s), 40s);
}

/// Callers that hammer, pause and drip: however they do it, no stretch of a minute has more than the limit, and what
/// they may send comes back within a second of when it could.
TEST(SlidingCount, keeps_every_window_and_wastes_at_most_a_sixtieth) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 dice(seed);
        const std::int64_t limit = 1 + static_cast<std::int64_t>(dice() % 200);
        SlidingCount count(1min);
        std::deque<Microseconds> sent;
        Microseconds now{0};
        for (int i = 0; i < 20'000; ++i) {
            now += Microseconds{dice() % (dice() % 50 == 0 ? 90'000'000 : 700'000)};
            count.forget(now);
            std::erase_if(sent, [&](Microseconds at) { return at + 1min + 1s <= now; });
            const auto in_window =
                std::count_if(sent.begin(), sent.end(), [&](Microseconds at) { return at + 1min > now; });
            if (count.used() < limit) {
                ASSERT_LT(in_window, limit) << "seed " << seed;
                count.add(now);
                sent.push_back(now);
            } else {
                ASSERT_GE(static_cast<std::int64_t>(sent.size()), limit) << "refused without need, seed " << seed;
                ASSERT_GT(count.wait(limit, now), 0us);
                ASSERT_LE(count.wait(limit, now), 1min);
            }
        }
    }
}

}  // namespace
}  // namespace punkt::api

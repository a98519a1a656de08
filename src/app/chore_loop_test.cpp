#include "app/chore_loop.h"

#include <gtest/gtest.h>

#include <future>

#include "testing/manual_clock.h"

namespace punkt::app {
namespace {

using namespace std::chrono_literals;

struct ChoreLoopTest : ::testing::Test {
    testing::ManualClock clock;
    ChoreLoop loop{clock};
    int done = 0;
    int waiting = 0;  // units beyond the first of a round

    void add(Milliseconds every) {
        loop.add({.name = "count", .every = every, .work = [this] {
                      ++done;
                      return waiting-- > 0;
                  }});
    }
};

TEST_F(ChoreLoopTest, a_chore_comes_once_in_its_period) {
    add(60s);
    loop.run_due();
    EXPECT_EQ(done, 0);
    clock.advance(60s);
    EXPECT_EQ(loop.run_due(), clock.elapsed() + 60s);
    loop.run_due();
    EXPECT_EQ(done, 1);
    clock.advance(60s);
    loop.run_due();
    EXPECT_EQ(done, 2);
}

TEST_F(ChoreLoopTest, a_chore_with_more_to_do_comes_again_soon_but_not_at_once) {
    add(60s);
    waiting = 1;
    clock.advance(60s);
    const Microseconds next = loop.run_due();
    EXPECT_GT(next, clock.elapsed());
    EXPECT_LT(next, clock.elapsed() + 1s);
    loop.run_due();
    EXPECT_EQ(done, 1);
    clock.advance(1s);
    EXPECT_EQ(loop.run_due(), clock.elapsed() + 60s);
    EXPECT_EQ(done, 2);
}

TEST_F(ChoreLoopTest, the_nearest_chore_decides_when_to_wake) {
    add(50s);
    add(20s);
    EXPECT_EQ(loop.run_due(), clock.elapsed() + 20s);
}

TEST_F(ChoreLoopTest, without_chores_it_wakes_now_and_then) { EXPECT_EQ(loop.run_due(), clock.elapsed() + 60s); }

TEST(ChoreLoop, runs_on_a_thread_of_its_own_until_stopped) {
    const SystemClock clock;
    ChoreLoop loop(clock);
    std::promise<void> ran;
    bool first = true;
    loop.add({.name = "once", .every = 0ms, .work = [&] {
                  if (std::exchange(first, false)) ran.set_value();
                  return false;
              }});
    loop.start();
    ran.get_future().wait();
    loop.stop();
    loop.stop();
}

}  // namespace
}  // namespace punkt::app

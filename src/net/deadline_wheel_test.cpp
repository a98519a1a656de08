#include "net/deadline_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "base/random.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;

struct Probe final : Deadline {
    void passed() override {
        ++count;
        if (then) then();
    }
    int count = 0;
    std::function<void()> then;
};

TEST(DeadlineWheel, passes_a_deadline_once_and_not_early) {
    DeadlineWheel wheel(1s);
    Probe probe;
    wheel.set(probe, 1s + 50ms);
    EXPECT_TRUE(probe.is_set());
    wheel.turn(1s + 49ms);
    EXPECT_EQ(probe.count, 0);
    wheel.turn(1s + 50ms + DeadlineWheel::slot_width);
    EXPECT_EQ(probe.count, 1);
    EXPECT_FALSE(probe.is_set());
    EXPECT_TRUE(wheel.empty());
    wheel.turn(1h);
    EXPECT_EQ(probe.count, 1);
}

TEST(DeadlineWheel, forgets_cleared_and_destroyed_deadlines) {
    DeadlineWheel wheel(0s);
    Probe probe;
    wheel.set(probe, 10ms);
    probe.clear();
    {
        Probe gone;
        wheel.set(gone, 10ms);
    }
    EXPECT_TRUE(wheel.empty());
    wheel.turn(1s);
    EXPECT_EQ(probe.count, 0);
}

TEST(DeadlineWheel, moves_a_deadline) {
    DeadlineWheel wheel(0s);
    Probe probe;
    wheel.set(probe, 10ms);
    wheel.set(probe, 30s);
    wheel.turn(29s);
    EXPECT_EQ(probe.count, 0);
    wheel.turn(31s);
    EXPECT_EQ(probe.count, 1);
}

TEST(DeadlineWheel, passes_what_was_set_in_the_past_at_the_next_slot) {
    DeadlineWheel wheel(10s);
    wheel.turn(20s);
    Probe probe;
    wheel.set(probe, 5s);
    wheel.turn(20s + 2 * DeadlineWheel::slot_width);
    EXPECT_EQ(probe.count, 1);
}

TEST(DeadlineWheel, survives_deadlines_that_change_others_while_they_pass) {
    DeadlineWheel wheel(0s);
    auto victim = std::make_unique<Probe>();
    Probe killer, renewed;
    killer.then = [&] { victim.reset(); };
    renewed.then = [&] { wheel.set(renewed, 8'300ms); };  // a turn later, in the same slot
    wheel.set(killer, 10ms);
    wheel.set(*victim, 10ms);
    wheel.set(renewed, 108ms);
    wheel.turn(1s);
    EXPECT_EQ(victim, nullptr);
    EXPECT_EQ(renewed.count, 1);
    EXPECT_FALSE(wheel.empty());
    renewed.then = nullptr;
    wheel.turn_to_end();
    EXPECT_EQ(renewed.count, 2);
    EXPECT_TRUE(wheel.empty());
}

TEST(DeadlineWheel, keeps_a_bound_of_one_slot_over_random_times) {
    SeededRandom random(3);
    DeadlineWheel wheel(0s);
    Microseconds now{};
    struct Timed final : Deadline {
        void passed() override {
            EXPECT_LE(at, *clock);
            EXPECT_LE(*clock - at, DeadlineWheel::slot_width + 3ms);
            done = true;
        }
        Microseconds at{};
        const Microseconds* clock = nullptr;
        bool done = false;
    };
    std::vector<Timed> all(2000);
    for (auto& one : all) {
        one.clock = &now;
        one.at = Microseconds(random.below(30'000'000));
        wheel.set(one, one.at);
    }
    while (!wheel.empty()) {
        now += 3ms;
        wheel.turn(now);
    }
    for (const auto& one : all) EXPECT_TRUE(one.done);
}

}  // namespace
}  // namespace punkt::net

#include "engine/timers.h"

#include <gtest/gtest.h>

#include <chrono>

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp start = from_ms(1'800'000'000'000);

std::vector<Id> all_due(Timers& timers, Timestamp now) {
    std::vector<Id> soon;
    timers.advance(now, soon);
    std::vector<Id> ids;
    while (const auto due = timers.take_due(now)) ids.push_back(due->id);
    return ids;
}

TEST(Timers, come_due_to_the_millisecond_and_not_before) {
    Timers timers(start);
    timers.add({start + 1500ms, 1});
    EXPECT_TRUE(all_due(timers, start + 1499ms).empty());
    EXPECT_EQ(all_due(timers, start + 1500ms), std::vector<Id>{1});
    EXPECT_TRUE(all_due(timers, start + 2s).empty());
}

TEST(Timers, come_in_the_order_of_their_due_time_and_then_of_their_id) {
    Timers timers(start);
    timers.add({start + 20ms, 3});
    timers.add({start + 10ms, 2});
    timers.add({start + 10ms, 1});
    timers.add({start - 1h, 4});
    EXPECT_EQ(all_due(timers, start + 1s), (std::vector<Id>{4, 1, 2, 3}));
}

TEST(Timers, are_announced_once_about_a_second_before) {
    Timers timers(start);
    timers.add({start + 10s, 1});
    std::vector<Id> soon;
    timers.advance(start + 7900ms, soon);
    EXPECT_TRUE(soon.empty());
    timers.advance(start + 9s, soon);
    EXPECT_EQ(soon, std::vector<Id>{1});
    timers.advance(start + 11s, soon);
    EXPECT_EQ(soon.size(), 1u);
}

// What is announced is read from the disk; a million reads would keep the others' waiting.
TEST(Timers, announce_of_a_crowded_second_a_share_of_each_organization) {
    Timers timers(start);
    const auto crowd = static_cast<Id>(Timers::announced_max * 2);
    for (Id id = 1; id <= crowd; ++id) timers.add({start + 10s, id, 1});
    timers.add({start + 10s, crowd + 1, 2});
    std::vector<Id> soon;
    timers.advance(start + 9s, soon);
    EXPECT_EQ(soon.size(), Timers::announced_max / 2 + 1);
    EXPECT_EQ(soon.back(), crowd + 1);
}

TEST(Timers, beyond_the_slots_come_due_too) {
    Timers timers(start);
    const auto far = std::chrono::seconds{Timers::slots * 3 + 5};
    timers.add({start + far, 1});
    timers.add({start + far / 2, 2});
    EXPECT_TRUE(all_due(timers, start + 1h).empty());
    EXPECT_EQ(all_due(timers, start + far / 2), std::vector<Id>{2});
    EXPECT_TRUE(all_due(timers, start + far - 1ms).empty());
    EXPECT_EQ(all_due(timers, start + far), std::vector<Id>{1});
    EXPECT_EQ(timers.size(), 0u);
}

TEST(Timers, stand_a_clock_that_jumps_ahead_and_back) {
    Timers timers(start);
    timers.add({start + 1h, 1});
    timers.add({start + 24h * 365 * 10, 2});
    EXPECT_EQ(all_due(timers, start + 2h), std::vector<Id>{1});
    timers.add({start + 10ms, 3});
    EXPECT_TRUE(all_due(timers, start).empty());
    EXPECT_EQ(all_due(timers, start + 10ms), std::vector<Id>{3});
    EXPECT_EQ(all_due(timers, start + 24h * 366 * 10), std::vector<Id>{2});
}

TEST(Timers, say_when_to_look_again) {
    Timers timers(start);
    EXPECT_FALSE(timers.next_look());
    timers.add({start + 1h, 1});
    ASSERT_TRUE(timers.next_look());
    EXPECT_LE(*timers.next_look(), start + 1s);
    std::vector<Id> soon;
    timers.advance(start + 1h - 500ms, soon);
    EXPECT_EQ(timers.next_look(), start + 1h);
}

// Following next_look alone finds every timer within the millisecond.
TEST(Timers, are_found_in_time_by_whoever_follows_next_look) {
    Timers timers(start);
    for (int i = 1; i <= 300; ++i) timers.add({start + i * 777ms, i});
    Timestamp now = start;
    Id expected = 1;
    while (const auto look = timers.next_look()) {
        now = std::max(now, *look);
        for (const Id id : all_due(timers, now)) {
            EXPECT_EQ(id, expected);
            EXPECT_EQ(now, start + expected * 777ms);
            ++expected;
        }
    }
    EXPECT_EQ(expected, 301);
}

}  // namespace
}  // namespace punkt::engine

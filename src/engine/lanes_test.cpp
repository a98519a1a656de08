#include "engine/lanes.h"

#include <gtest/gtest.h>

#include <array>

#include "testing/engine_house.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::a_timer;
constexpr Timestamp noon = from_ms(1'800'000'000'000);
constexpr Lane serial = 7;
constexpr Lane wide = 8;

class LanesTest : public ::testing::Test {
  protected:
    LanesTest() { directory.lanes[wide] = {.concurrency = 3}; }

    Id next() {
        lanes.begin(noon, 1h, 1'000);
        const auto timer = lanes.next();
        return timer ? timer->id : 0;
    }
    std::vector<Id> all() {
        std::vector<Id> ids;
        while (const Id id = next()) ids.push_back(id);
        return ids;
    }

    testing::FakeDirectory directory;
    Lanes lanes{directory};
};

TEST_F(LanesTest, without_a_queue_everything_may_start) {
    for (Id id = 1; id <= 3; ++id) lanes.add(a_timer({.id = id, .due = noon}));
    EXPECT_EQ(lanes.waiting(), 3u);
    EXPECT_EQ(all(), (std::vector<Id>{1, 2, 3}));
    EXPECT_EQ(lanes.waiting(), 0u);
}

TEST_F(LanesTest, a_serial_lane_hands_out_one_until_it_is_finished) {
    lanes.add(a_timer({.id = 1, .due = noon, .lane = serial}));
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    EXPECT_EQ(all(), std::vector<Id>{1});
    lanes.finished(a_timer({.id = 1, .due = noon, .lane = serial}), false);
    EXPECT_EQ(all(), std::vector<Id>{2});
}

TEST_F(LanesTest, a_serial_lane_waits_for_the_retry_of_its_head) {
    lanes.add(a_timer({.id = 1, .due = noon, .lane = serial}));
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    EXPECT_EQ(all(), std::vector<Id>{1});
    const Timer retry = a_timer({.id = 9, .task = 1, .attempt = 2, .first = 1, .due = noon + 20s, .lane = serial});
    lanes.finished(a_timer({.id = 1, .due = noon, .lane = serial}), true);
    lanes.retry_waits(retry);
    EXPECT_TRUE(all().empty());
    lanes.add(retry);
    EXPECT_EQ(all(), std::vector<Id>{9});
    lanes.finished(retry, false);
    EXPECT_EQ(all(), std::vector<Id>{2});
}

// The retry's hour can be read before the engine hears that its attempt is recorded.
TEST_F(LanesTest, a_retry_that_is_due_before_its_attempt_is_confirmed_is_not_stuck) {
    const Timer first = a_timer({.id = 1, .due = noon, .lane = serial});
    const Timer retry = a_timer({.id = 9, .task = 1, .attempt = 2, .first = 1, .due = noon, .lane = serial});
    lanes.add(first);
    EXPECT_EQ(all(), std::vector<Id>{1});
    lanes.add(retry);
    EXPECT_TRUE(all().empty());
    lanes.finished(first, true);
    EXPECT_EQ(all(), std::vector<Id>{9});
    lanes.finished(retry, false);
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    EXPECT_EQ(all(), std::vector<Id>{2});
}

// A waiting retry was moved into a queue that waits for a retry of its own.
TEST_F(LanesTest, a_lane_waits_for_every_retry_that_holds_it) {
    const Timer own = a_timer({.id = 11, .task = 1, .attempt = 2, .first = 1, .due = noon + 1h, .lane = serial});
    const Timer moved = a_timer({.id = 12, .task = 2, .attempt = 2, .first = 2, .due = noon, .lane = serial});
    lanes.retry_waits(own);
    lanes.retry_waits(moved);
    lanes.add(a_timer({.id = 3, .due = noon, .lane = serial}));
    lanes.add(moved);
    EXPECT_EQ(all(), std::vector<Id>{12});
    lanes.add(own);
    EXPECT_TRUE(all().empty());
    lanes.finished(moved, false);
    EXPECT_EQ(all(), std::vector<Id>{11});
    lanes.finished(own, false);
    EXPECT_EQ(all(), std::vector<Id>{3});
}

TEST_F(LanesTest, a_retry_that_is_gone_frees_its_lane) {
    const Timer retry = a_timer({.id = 9, .task = 1, .attempt = 2, .first = 1, .due = noon + 1h, .lane = serial});
    lanes.retry_waits(retry);
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    EXPECT_TRUE(all().empty());
    lanes.unblock(retry);
    EXPECT_EQ(all(), std::vector<Id>{2});
}

TEST_F(LanesTest, what_is_dropped_gives_its_place_back) {
    const Timer dropped = a_timer({.id = 1, .due = noon, .lane = serial});
    lanes.add(dropped);
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    EXPECT_EQ(all(), std::vector<Id>{1});
    lanes.dropped(dropped);
    EXPECT_EQ(all(), std::vector<Id>{2});
}

TEST_F(LanesTest, a_wide_lane_lets_so_many_through_and_no_retry_blocks_it) {
    for (Id id = 1; id <= 5; ++id) lanes.add(a_timer({.id = id, .due = noon, .lane = wide}));
    EXPECT_EQ(all(), (std::vector<Id>{1, 2, 3}));
    const Timer retry = a_timer({.id = 9, .task = 2, .attempt = 2, .first = 2, .due = noon + 1s, .lane = wide});
    lanes.finished(a_timer({.id = 2, .due = noon, .lane = wide}), true);
    lanes.retry_waits(retry);
    EXPECT_EQ(all(), std::vector<Id>{4});
    lanes.add(retry);
    lanes.finished(a_timer({.id = 1, .due = noon, .lane = wide}), false);
    EXPECT_EQ(all(), std::vector<Id>{5});
    lanes.finished(a_timer({.id = 3, .due = noon, .lane = wide}), false);
    EXPECT_EQ(all(), std::vector<Id>{9});
}

TEST_F(LanesTest, a_lane_that_becomes_wider_lets_more_through_at_once) {
    for (Id id = 1; id <= 4; ++id) lanes.add(a_timer({.id = id, .due = noon, .lane = wide}));
    EXPECT_EQ(all(), (std::vector<Id>{1, 2, 3}));
    directory.lanes[wide] = {.concurrency = 4};
    EXPECT_TRUE(all().empty());
    lanes.settings_changed({.lane = wide});
    EXPECT_EQ(all(), std::vector<Id>{4});
}

// An edit of a due run leaves its old copy here until that comes up for its start and is dropped.
TEST_F(LanesTest, two_copies_of_a_run_take_two_slots_until_one_is_dropped) {
    const Timer old = a_timer({.id = 1, .due = noon, .lane = wide, .priority = 5});
    const Timer edited = a_timer({.id = 1, .due = noon, .lane = wide, .priority = 4});
    lanes.add(old);
    lanes.add(edited);
    for (Id id = 2; id <= 5; ++id) lanes.add(a_timer({.id = id, .due = noon, .lane = wide}));
    EXPECT_EQ(all(), (std::vector<Id>{1, 1, 2}));
    const Task task;
    EXPECT_TRUE(lanes.admit(edited, task));
    lanes.dropped(old);
    EXPECT_EQ(all(), std::vector<Id>{3});
    EXPECT_TRUE(all().empty());
    lanes.finished(edited, false);
    EXPECT_EQ(all(), std::vector<Id>{4});
}

TEST_F(LanesTest, two_copies_of_a_run_leave_nothing_behind_in_their_keys) {
    Task task;
    task.key_limits = {{.key = "k", .concurrency = 2}};
    const auto admitted = [&] {
        lanes.begin(noon, 1h, 1'000);
        const auto timer = lanes.next();
        return timer && lanes.admit(*timer, task) ? timer : std::nullopt;
    };
    const std::array holders = {a_timer({.id = 8, .due = noon, .priority = 1}),
                                a_timer({.id = 9, .due = noon, .priority = 1})};
    const Timer old = a_timer({.id = 1, .due = noon, .priority = 5});
    const Timer edited = a_timer({.id = 1, .due = noon, .priority = 4});
    for (const Timer& timer : {holders[0], holders[1], old, edited}) lanes.add(timer);
    EXPECT_TRUE(admitted() && admitted());
    EXPECT_FALSE(admitted() || admitted());  // both copies wait for the key
    for (const Timer& holder : holders) lanes.finished(holder, false);
    lanes.begin(noon, 1h, 1'000);
    ASSERT_EQ(lanes.next(), edited);
    ASSERT_EQ(lanes.next(), old);
    EXPECT_TRUE(lanes.admit(edited, task));
    lanes.dropped(old);
    lanes.finished(edited, false);
    for (Id id = 5; id <= 7; ++id) lanes.add(a_timer({.id = id, .due = noon}));
    EXPECT_TRUE(admitted() && admitted());
    EXPECT_FALSE(admitted());
}

TEST_F(LanesTest, priority_goes_before_the_due_time_and_a_minute_of_waiting_is_worth_one_level) {
    lanes.add(a_timer({.id = 1, .due = noon, .priority = 5}));
    lanes.add(a_timer({.id = 2, .due = noon, .priority = 1}));
    lanes.add(a_timer({.id = 3, .due = noon + 1s, .priority = 1}));
    lanes.add(a_timer({.id = 4, .due = noon - 4min - 1s, .priority = 5}));
    EXPECT_EQ(all(), (std::vector<Id>{4, 2, 3, 1}));
}

TEST_F(LanesTest, of_what_comes_due_together_the_most_urgent_gets_the_lane) {
    lanes.add(a_timer({.id = 1, .due = noon, .lane = serial, .priority = 5}));
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial, .priority = 1}));
    EXPECT_EQ(all(), std::vector<Id>{2});
    lanes.finished(a_timer({.id = 2, .due = noon, .lane = serial}), false);
    lanes.add(a_timer({.id = 3, .due = noon, .lane = serial, .priority = 1}));
    EXPECT_EQ(all(), std::vector<Id>{3});
}

TEST_F(LanesTest, organizations_take_turns) {
    for (Id id = 1; id <= 100; ++id) lanes.add(a_timer({.id = id, .organization = 1, .due = noon - 1h}));
    lanes.add(a_timer({.id = 201, .organization = 2, .due = noon}));
    lanes.add(a_timer({.id = 202, .organization = 2, .due = noon}));
    EXPECT_EQ(next(), 1);
    EXPECT_EQ(next(), 201);
    EXPECT_EQ(next(), 2);
    EXPECT_EQ(next(), 202);
    EXPECT_EQ(next(), 3);
    EXPECT_EQ(next(), 4);
}

TEST_F(LanesTest, one_full_lane_does_not_hold_up_another) {
    lanes.add(a_timer({.id = 1, .due = noon, .lane = serial}));
    lanes.add(a_timer({.id = 2, .due = noon, .lane = serial}));
    lanes.add(a_timer({.id = 3, .due = noon + 1s, .lane = wide}));
    EXPECT_EQ(all(), (std::vector<Id>{1, 3}));
    EXPECT_FALSE(lanes.can_hand_out());
}

}  // namespace
}  // namespace punkt::engine

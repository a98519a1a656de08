#include "engine/due_queues.h"

#include <gtest/gtest.h>

#include <chrono>

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp noon = from_ms(1'800'014'400'000);

std::vector<Id> all(DueQueues& queues, Timestamp now) {
    std::vector<Id> ids;
    while (const auto due = queues.take(now)) ids.push_back(due->id);
    return ids;
}

TEST(DueQueues, let_organizations_take_turns_and_keep_the_order_of_each) {
    DueQueues queues;
    for (Id id = 1; id <= 4; ++id) queues.add({noon + id * 1ms, id, 1});
    queues.add({noon + 9ms, 11, 2});
    queues.add({noon + 8ms, 12, 2});
    EXPECT_EQ(all(queues, noon + 1s), (std::vector<Id>{1, 12, 2, 11, 3, 4}));
    EXPECT_FALSE(queues.first());
}

TEST(DueQueues, who_comes_late_waits_for_one_turn_of_each_other_organization) {
    DueQueues queues;
    for (Id id = 1; id <= 1'000; ++id) queues.add({noon, id, 1 + id % 3});
    for (int i = 0; i < 10; ++i) queues.take(noon);
    queues.add({noon, 2'000, 9});
    std::vector<Id> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(queues.take(noon)->id);
    EXPECT_EQ(ids.back(), 2'000);
}

TEST(DueQueues, hand_out_nothing_before_its_time_also_when_the_clock_goes_back) {
    DueQueues queues;
    queues.add({noon, 1, 1});
    queues.add({noon + 1ms, 2, 1});
    EXPECT_EQ(queues.take(noon + 1ms)->id, 1);  // the second one is in the round now
    EXPECT_FALSE(queues.take(noon));
    EXPECT_EQ(queues.first(), noon + 1ms);
    EXPECT_EQ(all(queues, noon + 1ms), std::vector<Id>{2});
}

TEST(DueQueues, an_earlier_one_moves_its_organization_forward) {
    DueQueues queues;
    queues.add({noon + 1h, 1, 1});
    EXPECT_EQ(queues.first(), noon + 1h);
    queues.add({noon + 1s, 2, 1});
    EXPECT_EQ(queues.first(), noon + 1s);
    EXPECT_EQ(all(queues, noon + 1s), std::vector<Id>{2});
    EXPECT_LE(queues.first(), noon + 1h);
    EXPECT_EQ(all(queues, noon + 1h), std::vector<Id>{1});
    queues.add({noon, 3, 1});  // the organization comes back after it had nothing
    EXPECT_EQ(all(queues, noon), std::vector<Id>{3});
}

}  // namespace
}  // namespace punkt::engine

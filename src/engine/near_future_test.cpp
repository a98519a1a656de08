#include "engine/near_future.h"

#include <gtest/gtest.h>

#include "testing/builders.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::a_timer;
constexpr Timestamp noon = from_ms(1'800'000'000'000);  // the start of an hour
const store::Hour hour = store::hour_of(noon);
const Error unreadable{.kind = ErrorKind::unavailable, .message = "the disk sulks"};

/// Remembers what it was asked for.
class AskedStore final : public store::EngineStore {
  public:
    void record(std::uint64_t, std::vector<store::Transition>) override {}
    void load_tasks(std::vector<Id>) override {}
    void load_timers(store::Hour from, store::Hour until) override { asked.emplace_back(from, until); }
    int started(Id) override { return 1; }
    void ended(Id) override {}
    bool was_started(Id) const override { return false; }
    std::vector<std::pair<store::Hour, store::Hour>> asked;
};

class NearFutureTest : public ::testing::Test {
  protected:
    std::vector<Timer> answer(std::vector<Timer> timers, store::Hour from, store::Hour until) {
        near.loaded(from, until, std::move(timers), 0us);
        return near.sort_in(100);
    }
    std::vector<Id> due(Timestamp now) {
        std::vector<Id> tasks;
        near.advance(now, tasks);
        std::vector<Id> ids;
        while (const auto timer = near.take_due(now)) ids.push_back(timer->id);
        return ids;
    }

    AskedStore store;
    NearFuture near{noon, store};
};

TEST_F(NearFutureTest, asks_for_the_past_and_this_hour_first_and_for_the_next_one_in_time) {
    near.look_ahead(noon, 0us);
    near.look_ahead(noon + 54min, 0us);
    ASSERT_EQ(store.asked.size(), 1u);
    EXPECT_EQ(store.asked[0], std::pair(store::Hour{0}, hour + 1));
    near.look_ahead(noon + 55min, 0us);
    ASSERT_EQ(store.asked.size(), 2u);
    EXPECT_EQ(store.asked[1], std::pair(hour + 1, hour + 2));
}

TEST_F(NearFutureTest, knows_what_is_due_after_the_first_answer) {
    EXPECT_FALSE(near.knows(noon));
    near.look_ahead(noon, 0us);
    EXPECT_FALSE(near.knows(noon));
    EXPECT_EQ(answer({a_timer({.id = 1, .due = noon - 24h})}, 0, hour + 1).size(), 1u);
    EXPECT_TRUE(near.knows(noon));
    EXPECT_EQ(due(noon), std::vector<Id>{1});
}

TEST_F(NearFutureTest, does_not_know_an_hour_that_is_still_read) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    near.look_ahead(noon + 56min, 0us);
    EXPECT_TRUE(near.knows(noon + 59min));
    EXPECT_FALSE(near.knows(noon + 60min));
    answer({}, hour + 1, hour + 2);
    EXPECT_TRUE(near.knows(noon + 60min));
    EXPECT_FALSE(near.knows(noon + 5h));  // not asked for yet
}

// A million at once would keep everybody else waiting.
TEST_F(NearFutureTest, sorts_in_what_was_read_step_by_step_and_knows_its_hour_after_the_last) {
    near.look_ahead(noon, 0us);
    std::vector<Timer> timers;
    for (Id id = 1; id <= 5; ++id) timers.push_back(a_timer({.id = id, .due = noon}));
    near.loaded(0, hour + 1, timers, 0us);
    EXPECT_EQ(near.sort_in(3).size(), 3u);
    EXPECT_FALSE(near.knows(noon));
    EXPECT_TRUE(near.has_loaded());
    near.removed(timers[3]);  // meanwhile
    EXPECT_EQ(near.sort_in(3), std::vector{timers[4]});
    EXPECT_TRUE(near.knows(noon));
    EXPECT_FALSE(near.has_loaded());
    EXPECT_EQ(due(noon), (std::vector<Id>{1, 2, 3, 5}));
}

TEST_F(NearFutureTest, asks_again_a_second_after_a_failed_read) {
    near.look_ahead(noon, 0us);
    near.loaded(0, hour + 1, unreadable, 0us);
    EXPECT_FALSE(near.has_loaded());
    EXPECT_FALSE(near.knows(noon));
    near.look_ahead(noon, 999ms);
    EXPECT_EQ(store.asked.size(), 1u);
    near.look_ahead(noon, 1s);
    ASSERT_EQ(store.asked.size(), 2u);
    EXPECT_EQ(store.asked[1], store.asked[0]);
}

TEST_F(NearFutureTest, leaves_far_timers_to_the_disk) {
    near.look_ahead(noon, 0us);
    EXPECT_EQ(near.add(a_timer({.id = 1, .due = noon + 1h})), NearFuture::Added::far);
    EXPECT_EQ(near.add(a_timer({.id = 2, .due = noon + 59min})), NearFuture::Added::fresh);
    EXPECT_EQ(near.size(), 1u);
}

TEST_F(NearFutureTest, what_arrives_while_its_hour_is_read_appears_once) {
    near.look_ahead(noon, 0us);
    const Timer timer = a_timer({.id = 1, .due = noon});
    EXPECT_EQ(near.add(timer), NearFuture::Added::fresh);
    EXPECT_TRUE(answer({timer}, 0, hour + 1).empty());
    EXPECT_EQ(due(noon), std::vector<Id>{1});
}

TEST_F(NearFutureTest, what_was_read_before_it_was_announced_appears_once) {
    near.look_ahead(noon, 0us);
    const Timer timer = a_timer({.id = 1, .due = noon});
    answer({timer}, 0, hour + 1);
    EXPECT_EQ(near.add(timer), NearFuture::Added::known);
    EXPECT_EQ(due(noon), std::vector<Id>{1});
    EXPECT_EQ(near.add(timer), NearFuture::Added::known);
    near.started(timer);
    EXPECT_EQ(near.add(timer), NearFuture::Added::known);
    EXPECT_TRUE(due(noon).empty());
}

TEST_F(NearFutureTest, what_is_removed_while_its_hour_is_read_does_not_come_back) {
    near.look_ahead(noon, 0us);
    const Timer timer = a_timer({.id = 1, .due = noon});
    near.removed(timer);
    EXPECT_TRUE(answer({timer}, 0, hour + 1).empty());
    EXPECT_TRUE(due(noon).empty());
}

TEST_F(NearFutureTest, what_is_removed_does_not_come_due_and_is_not_current) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    const Timer timer = a_timer({.id = 1, .due = noon + 1s});
    near.add(timer);
    EXPECT_TRUE(near.is_current(timer));
    near.removed(timer);
    EXPECT_FALSE(near.is_current(timer));
    EXPECT_TRUE(due(noon + 1s).empty());
}

// A schedule that is switched off and on again, twice, leaves copies of its beat behind.
TEST_F(NearFutureTest, what_is_removed_and_added_again_comes_due_once) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    const Timer beat = a_timer({.id = 1, .due = noon + 1s, .kind = Timer::Kind::beat});
    for (int i = 0; i < 3; ++i) {
        near.add(beat);
        near.removed(beat);
    }
    near.add(beat);
    EXPECT_EQ(due(noon + 1s), std::vector<Id>{1});
}

TEST_F(NearFutureTest, a_moved_timer_comes_due_at_its_new_time_only) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    const Timer before = a_timer({.id = 1, .due = noon + 10s});
    Timer after = before;
    after.due = noon + 5s;
    near.add(before);
    near.removed(before);
    near.add(after);
    EXPECT_EQ(due(noon + 5s), std::vector<Id>{1});
    EXPECT_FALSE(near.is_current(before));
    EXPECT_TRUE(near.is_current(after));
    EXPECT_TRUE(due(noon + 10s).empty());
}

TEST_F(NearFutureTest, a_changed_timer_is_handed_out_as_it_is_now) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    const Timer before = a_timer({.id = 1, .due = noon, .lane = 1});
    Timer after = before;
    after.lane = 2;
    near.add(before);
    near.removed(before);
    near.add(after);
    std::vector<Id> tasks;
    near.advance(noon, tasks);
    const auto timer = near.take_due(noon);
    ASSERT_TRUE(timer);
    EXPECT_EQ(timer->lane, 2u);
    EXPECT_FALSE(near.take_due(noon));
}

TEST_F(NearFutureTest, far_retries_that_come_with_the_first_answer_are_told_and_stay_far) {
    near.look_ahead(noon, 0us);
    const Timer retry = a_timer({.id = 9, .task = 1, .attempt = 2, .first = 1, .due = noon + 5h, .lane = 3});
    EXPECT_EQ(answer({retry}, 0, hour + 1), std::vector{retry});
    EXPECT_EQ(near.size(), 0u);
}

TEST_F(NearFutureTest, names_the_tasks_of_what_is_due_soon) {
    near.look_ahead(noon, 0us);
    answer({}, 0, hour + 1);
    near.add(a_timer({.id = 5, .task = 50, .due = noon + 10s}));
    near.add(a_timer({.id = 6, .task = 60, .due = noon + 10s}));
    near.removed(a_timer({.id = 6, .task = 60, .due = noon + 10s}));
    std::vector<Id> tasks;
    near.advance(noon + 9s, tasks);
    EXPECT_EQ(tasks, std::vector<Id>{50});
}

}  // namespace
}  // namespace punkt::engine

#include "engine/task_cache.h"

#include <gtest/gtest.h>

#include "testing/builders.h"
#include "testing/memory_store.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::a_task;
using Settled = std::vector<std::pair<Id, TaskPtr>>;
const Error unreadable{.kind = ErrorKind::unavailable, .message = "the disk sulks"};

TaskPtr task(Id id, std::size_t body_bytes = 0) {
    return std::make_shared<const Task>(a_task({.id = id, .body = std::string(body_bytes, 'x')}));
}

/// Remembers what it was asked for.
class AskedStore final : public store::EngineStore {
  public:
    void record(std::uint64_t, std::vector<store::Transition>) override {}
    void load_tasks(std::vector<Id> tasks) override { asked.push_back(std::move(tasks)); }
    void load_timers(store::Hour, store::Hour) override {}
    int started(Id) override { return 1; }
    void ended(Id) override {}
    bool was_started(Id) const override { return false; }
    std::vector<std::vector<Id>> asked;
};

class TaskCacheTest : public ::testing::Test {
  protected:
    AskedStore store;
    TaskCache cache{store, 10'000};
};

TEST_F(TaskCacheTest, keeps_what_it_is_given_until_it_is_forgotten) {
    cache.put(task(1));
    ASSERT_TRUE(cache.find(1));
    EXPECT_EQ(cache.find(1)->id, 1);
    cache.forget(1);
    EXPECT_FALSE(cache.find(1));
}

TEST_F(TaskCacheTest, the_oldest_leave_when_it_is_full) {
    for (Id id = 1; id <= 4; ++id) cache.put(task(id, 3'000));
    EXPECT_FALSE(cache.find(1));
    EXPECT_TRUE(cache.find(4));
}

TEST_F(TaskCacheTest, keeps_one_task_however_large_it_is) {
    cache.put(task(1, 50'000));
    EXPECT_TRUE(cache.find(1));
    cache.put(task(2, 50'000));
    EXPECT_FALSE(cache.find(1));
    EXPECT_TRUE(cache.find(2));
}

TEST_F(TaskCacheTest, asks_for_what_is_wanted_once) {
    cache.want(1);
    cache.want(1);
    cache.send_fetches(0us);
    cache.want(1);
    cache.send_fetches(0us);
    EXPECT_EQ(store.asked, (std::vector<std::vector<Id>>{{1}}));
    EXPECT_EQ(cache.loaded({1}, std::vector{task(1)}, 0us).size(), 1u);
    EXPECT_TRUE(cache.find(1));
}

TEST_F(TaskCacheTest, asks_for_many_in_several_batches) {
    for (Id id = 1; id <= 1'001; ++id) cache.want(id);
    cache.send_fetches(0us);
    ASSERT_EQ(store.asked.size(), 3u);
    EXPECT_EQ(store.asked[2].size(), 1u);
}

TEST_F(TaskCacheTest, a_task_that_does_not_exist_is_settled_as_nothing) {
    cache.want(1);
    cache.send_fetches(0us);
    EXPECT_EQ(cache.loaded({1}, std::vector<TaskPtr>{}, 0us), (Settled{{1, nullptr}}));
}

TEST_F(TaskCacheTest, a_failed_read_settles_nothing_and_is_tried_again_after_a_second) {
    cache.want(1);
    cache.send_fetches(0us);
    EXPECT_TRUE(cache.loaded({1}, unreadable, 0us).empty());
    cache.send_fetches(999ms);
    EXPECT_EQ(store.asked.size(), 1u);
    cache.send_fetches(1s);
    EXPECT_EQ(store.asked.size(), 2u);
    EXPECT_EQ(cache.loaded({1}, std::vector{task(1)}, 1s).size(), 1u);
}

// The read looked before the commit of the edit, its answer comes after: it must not be believed.
TEST_F(TaskCacheTest, what_was_changed_while_it_was_read_is_read_again) {
    cache.want(1);
    cache.send_fetches(0us);
    cache.changed(1);
    EXPECT_TRUE(cache.loaded({1}, std::vector{task(1)}, 0us).empty());
    EXPECT_FALSE(cache.find(1));
    cache.send_fetches(0us);
    ASSERT_EQ(store.asked.size(), 2u);
    EXPECT_EQ(cache.loaded({1}, std::vector{task(1)}, 0us).size(), 1u);
}

}  // namespace
}  // namespace punkt::engine

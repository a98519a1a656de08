#include "engine/outbox.h"

#include <gtest/gtest.h>

#include "testing/builders.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::a_timer;
const Error refused{.kind = ErrorKind::unavailable, .message = "the disk is full"};

/// Remembers what was recorded.
class RecordingStore final : public store::EngineStore {
  public:
    void record(std::uint64_t batch, std::vector<store::Transition> transitions) override {
        batches.emplace_back(batch, transitions.size());
    }
    void load_tasks(std::vector<Id>) override {}
    void load_timers(store::Hour, store::Hour) override {}
    int started(Id) override { return 1; }
    void ended(Id) override {}
    bool was_started(Id) const override { return false; }
    std::vector<std::pair<std::uint64_t, std::size_t>> batches;
};

store::Transition transition(Id id) {
    const Timer timer = a_timer({.id = id});
    return {.timer = timer, .arm = {a_timer({.id = id + 100})}, .record = Execution{.id = id, .task = id}};
}

class OutboxTest : public ::testing::Test {
  protected:
    RecordingStore store;
    Outbox outbox{store, 1s};
};

TEST_F(OutboxTest, is_empty_when_everything_is_confirmed) {
    outbox.record({transition(1), transition(2)});
    EXPECT_EQ(outbox.size(), 2u);
    EXPECT_EQ(outbox.runs_of(2), std::vector<Id>{2});
    const auto confirmed = outbox.recorded({.batch = store.batches[0].first, .stale = std::vector<std::size_t>{}}, 0us);
    EXPECT_EQ(confirmed.size(), 2u);
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(outbox.size(), 0u);
    EXPECT_TRUE(outbox.runs_of(2).empty());
}

TEST_F(OutboxTest, sends_nothing_for_nothing) {
    outbox.record({});
    EXPECT_TRUE(store.batches.empty());
    EXPECT_TRUE(outbox.empty());
}

TEST_F(OutboxTest, takes_the_consequences_from_what_was_stale) {
    outbox.record({transition(1), transition(2)});
    const auto confirmed = outbox.recorded({.batch = 1, .stale = std::vector<std::size_t>{1}}, 0us);
    ASSERT_EQ(confirmed.size(), 2u);
    EXPECT_EQ(confirmed[0].arm.size(), 1u);
    EXPECT_TRUE(confirmed[1].arm.empty());
    EXPECT_TRUE(confirmed[1].record);
}

TEST_F(OutboxTest, offers_a_refused_batch_again_after_a_second_until_it_is_taken) {
    outbox.record({transition(1)});
    EXPECT_TRUE(outbox.recorded({.batch = 1, .stale = refused}, 5s).empty());
    outbox.offer_again(5s + 999ms);
    EXPECT_EQ(store.batches.size(), 1u);
    outbox.offer_again(6s);
    ASSERT_EQ(store.batches.size(), 2u);
    EXPECT_EQ(store.batches[1], store.batches[0]);
    outbox.offer_again(7s);
    EXPECT_EQ(store.batches.size(), 2u);
    EXPECT_EQ(outbox.recorded({.batch = 1, .stale = std::vector<std::size_t>{}}, 7s).size(), 1u);
}

TEST_F(OutboxTest, ignores_an_answer_it_does_not_wait_for) {
    EXPECT_TRUE(outbox.recorded({.batch = 7, .stale = std::vector<std::size_t>{}}, 0us).empty());
}

}  // namespace
}  // namespace punkt::engine

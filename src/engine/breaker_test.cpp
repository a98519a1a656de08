#include "engine/breaker.h"

#include <gtest/gtest.h>

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using State = Breaker::State;
using Kind = HostVerdict::Kind;
constexpr Timestamp noon = from_ms(1'800'000'000'000);

Answer with_status(int status, std::optional<std::string> retry_after = std::nullopt) {
    Answer answer;
    answer.status = status;
    answer.retry_after = std::move(retry_after);
    return answer;
}

class BreakerTest : public ::testing::Test {
  protected:
    /// A call that starts now and is answered at once.
    void call(const Answer& answer) { breaker.answered(judge_host(answer, now), now, now); }
    void fail(int times) {
        for (int i = 0; i < times; ++i) call(with_status(500));
    }
    /// How long it is blocked from now on.
    Milliseconds left() const { return std::max(breaker.saved().until - now, Milliseconds{0}); }

    Timestamp now = noon;
    Breaker breaker{BreakerOptions{}};
};

TEST(HostVerdict, tells_what_an_answer_says_about_its_host) {
    struct Row {
        Answer answer;
        Kind kind;
        bool asks_for_rest;
        std::optional<Milliseconds> rest;
    };
    const auto failed = [](Failure failure) {
        Answer answer;
        answer.failure = failure;
        return answer;
    };
    Answer redirect = with_status(302);
    redirect.failure = Failure::redirect;
    const Row rows[] = {
        {with_status(200), Kind::well, false, {}},
        {with_status(404), Kind::well, false, {}},
        {with_status(429), Kind::well, true, {}},
        {with_status(429, "7"), Kind::well, true, 7s},
        {with_status(429, "soon"), Kind::well, true, {}},
        {with_status(429, "Fri, 15 Jan 2027 08:01:00 GMT"), Kind::well, true, 60s},
        {with_status(500), Kind::failed, false, {}},
        {with_status(500, "7"), Kind::failed, false, {}},
        {with_status(503), Kind::failed, false, {}},
        {with_status(503, "7"), Kind::failed, true, 7s},
        {with_status(503, "0"), Kind::failed, false, {}},
        {failed(Failure::timeout), Kind::failed, false, {}},
        {failed(Failure::dns), Kind::failed, false, {}},
        {failed(Failure::connect), Kind::failed, false, {}},
        {failed(Failure::tls), Kind::failed, false, {}},
        {failed(Failure::connection), Kind::failed, false, {}},
        {failed(Failure::protocol), Kind::failed, false, {}},
        {failed(Failure::blocked), Kind::nothing, false, {}},
        {failed(Failure::cancelled), Kind::nothing, false, {}},
        {redirect, Kind::well, false, {}},
    };
    for (const Row& row : rows) {
        const HostVerdict verdict = judge_host(row.answer, noon);
        const std::string name = std::to_string(row.answer.status.value_or(static_cast<int>(row.answer.failure))) +
                                 " " + row.answer.retry_after.value_or("");
        EXPECT_EQ(verdict.kind, row.kind) << name;
        EXPECT_EQ(verdict.asks_for_rest, row.asks_for_rest) << name;
        EXPECT_EQ(verdict.rest, row.rest) << name;
    }
}

TEST_F(BreakerTest, the_third_failure_in_a_row_blocks_and_each_further_one_longer) {
    fail(2);
    EXPECT_EQ(breaker.state(now), State::closed);
    EXPECT_FALSE(breaker.room(now));
    for (const auto length : {30s, 60s, 120s, 300s, 300s}) {
        fail(1);
        EXPECT_EQ(left(), length);
        EXPECT_EQ(breaker.room(now), 0);
        now += length;
        EXPECT_EQ(breaker.state(now), State::half_open);
    }
}

TEST_F(BreakerTest, any_other_answer_resets_the_count_and_the_escalation) {
    fail(2);
    call(with_status(404));
    EXPECT_TRUE(breaker.is_clean());
    fail(4);
    now += 60s;
    call(with_status(200));
    fail(2);
    EXPECT_EQ(left(), 0s);
    fail(1);
    EXPECT_EQ(left(), 30s);
}

TEST_F(BreakerTest, a_host_that_asks_for_rest_gets_it_but_never_more_than_an_hour) {
    call(with_status(429, "7"));
    EXPECT_EQ(left(), 7s);
    EXPECT_EQ(breaker.saved().failures, 0);
    EXPECT_EQ(breaker.saved().reason, "HTTP 429");
    call(with_status(429));
    EXPECT_EQ(left(), 60s);
    call(with_status(429, "5"));
    EXPECT_EQ(left(), 60s) << "a shorter wish does not end a longer block";
    call(with_status(503, "86400"));
    EXPECT_EQ(left(), 1h);
    EXPECT_EQ(breaker.saved().failures, 1) << "a 503 is a failure nevertheless";
}

TEST_F(BreakerTest, after_a_block_one_call_goes_first_and_their_number_doubles_while_all_is_well) {
    fail(3);
    now += 30s;
    std::vector<int> rooms;
    while (const auto room = breaker.room(now)) {
        rooms.push_back(*room);
        for (int i = 0; i < rooms.back(); ++i) call(with_status(200));
    }
    EXPECT_EQ(rooms, (std::vector{1, 2, 4, 8, 16, 32, 64}));
    EXPECT_TRUE(breaker.is_clean());
}

TEST_F(BreakerTest, what_started_before_the_block_neither_lengthens_nor_opens_it) {
    const Timestamp before = now - 1s;
    fail(3);
    for (int i = 0; i < 100; ++i) breaker.answered(judge_host(with_status(500), now), before, now);
    EXPECT_EQ(left(), 30s);
    EXPECT_EQ(breaker.saved().failures, 3);
    breaker.answered(judge_host(with_status(200), now), before, now);
    EXPECT_EQ(left(), 30s) << "a block is not lifted early";
    EXPECT_EQ(breaker.saved().blocks, 0) << "but the escalation begins anew";
    now += 30s;
    breaker.answered(judge_host(with_status(200), now), before, now);
    EXPECT_EQ(breaker.room(now), 1);
}

TEST_F(BreakerTest, what_says_nothing_about_the_host_changes_nothing) {
    fail(2);
    Answer guarded;
    guarded.failure = Failure::blocked;
    call(guarded);
    EXPECT_EQ(breaker.saved().failures, 2);
}

TEST_F(BreakerTest, goes_on_after_a_restart_where_it_was) {
    fail(4);
    Breaker again({}, breaker.saved());
    EXPECT_EQ(again.saved().until, breaker.saved().until);
    EXPECT_EQ(again.state(now), State::blocked);
    now += 60s;
    EXPECT_EQ(again.room(now), 1);
    again.answered(judge_host(with_status(500), now), now, now);
    EXPECT_EQ(again.saved().until - now, 120s);
}

TEST_F(BreakerTest, a_clock_that_steps_back_holds_it_no_longer_than_an_hour) {
    fail(3);
    now -= 48h;
    breaker.look(now);
    EXPECT_EQ(left(), 1h);
    now += 1h;
    breaker.look(now);
    EXPECT_EQ(breaker.state(now), State::half_open);
}

TEST_F(BreakerTest, failures_count_after_the_clock_stepped_back) {
    fail(3);
    now -= 48h;
    breaker.look(now);
    now += 2h;
    fail(1);
    EXPECT_EQ(left(), 60s);
}

}  // namespace
}  // namespace punkt::engine

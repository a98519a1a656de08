#include "engine/admission.h"

#include <gtest/gtest.h>

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp noon = from_ms(1'800'000'000'000);

Situation free_at_noon() { return {.now = noon, .due = noon}; }

TEST(Admission, what_meets_no_limit_starts_when_it_is_due) {
    EXPECT_FALSE(first_holding(free_at_noon()));
    Situation early = free_at_noon();
    early.due = noon + 1ms;
    const auto held = first_holding(early);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->gate, Gate::start_time);
    EXPECT_EQ(held->until, noon + 1ms);
}

TEST(Admission, the_first_gate_in_the_order_is_named) {
    const Turnstile full_key{.name = "customer:1", .slots = {.used = 2, .limit = 2}};
    Situation all{.now = noon,
                  .due = noon + 1h,
                  .is_paused = true,
                  .ahead = 7,
                  .lane = {.slots = {.used = 1, .limit = 1}, .wait = 5ms},
                  .keys = {&full_key, 1},
                  .host = {.name = "a.example", .wait = 30s},
                  .organization = {.used = 9, .limit = 9},
                  .quota_until = noon + 24h};
    std::vector<Gate> named;
    const auto next = [&] { named.push_back(first_holding(all)->gate); };
    next();
    all.is_paused = false;
    next();
    all.due = noon;
    next();
    all.ahead = 0;
    next();
    all.lane.slots = {};
    next();
    all.lane.wait = 0ms;
    next();
    all.keys = {};
    next();
    all.host = {};
    next();
    all.organization = {};
    next();
    all.quota_until = noon;
    EXPECT_FALSE(first_holding(all));
    EXPECT_TRUE(std::equal(named.begin(), named.end(), gates.begin(), gates.end()));
}

TEST(Admission, a_gate_says_what_is_in_the_way) {
    Situation situation = free_at_noon();
    situation.ahead = 7;
    EXPECT_EQ(holding(Gate::order, situation)->ahead, 7);
    situation.lane = {.slots = {.used = 3, .limit = 3}, .wait = 20ms};
    EXPECT_EQ(holding(Gate::concurrency, situation)->slots, (Slots{3, 3}));
    EXPECT_FALSE(holding(Gate::concurrency, situation)->until);
    EXPECT_EQ(holding(Gate::rate, situation)->until, noon + 20ms);
    situation.host = {.name = "a.example", .wait = 30s};
    EXPECT_EQ(holding(Gate::host, situation)->name, "a.example");
}

TEST(Admission, of_several_keys_all_must_let_it_pass) {
    const std::array keys = {Turnstile{.name = "a", .slots = {.used = 1, .limit = 2}},
                             Turnstile{.name = "b", .slots = {.used = 5, .limit = 0}},
                             Turnstile{.name = "c", .slots = {.used = 1, .limit = 1}},
                             Turnstile{.name = "d", .wait = 1s}};
    Situation situation = free_at_noon();
    situation.keys = std::span(keys).first(2);
    EXPECT_FALSE(first_holding(situation));
    situation.keys = keys;
    EXPECT_EQ(first_holding(situation)->name, "c");
    situation.keys = std::span(keys).last(1);
    EXPECT_EQ(first_holding(situation)->name, "d");
    EXPECT_EQ(first_holding(situation)->until, noon + 1s);
}

}  // namespace
}  // namespace punkt::engine

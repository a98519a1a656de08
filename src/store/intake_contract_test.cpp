#include "store/intake.h"

#include <thread>

#include "core/arming.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using namespace std::chrono_literals;

class Intake : public testing::StoreContract {
  protected:
    Wish wish(OnceRule rule, Timestamp due = noon, std::string url = "http://example.com/") {
        Task task = a_task();
        task.scheduled_at = due;
        task.url = std::move(url);
        const auto shared = std::make_shared<const Task>(std::move(task));
        return {.task = {shared, first_timer(*shared)}, .once = std::move(rule)};
    }
    Result<void> try_take(std::vector<Wish> wishes, TakeIn::Options options, std::vector<Taken>& taken) {
        return store.write([&](Done done) {
            return std::make_unique<TakeIn>(std::move(wishes), std::move(options), taken, std::move(done));
        });
    }
    Taken take(Wish one, Timestamp now, HeldTasks held = {}) {
        std::vector<Taken> taken;
        const auto done = try_take({std::move(one)}, {.held = std::move(held), .now = now}, taken);
        EXPECT_TRUE(done) << done.error().message;
        return taken.empty() ? Taken{} : taken.front();
    }
    void forget(Timestamp now) {
        ASSERT_TRUE(store.write([&](Done done) {
            return make_write(
                [now](db::Connection& connection) -> Result<void> {
                    auto looked_at = forget_once_keys(connection, now, 100);
                    return looked_at ? Result<void>() : Result<void>(looked_at.error());
                },
                std::move(done));
        }));
    }
    std::int64_t keys() { return number("SELECT count(*) FROM once_key WHERE organization = $1", organization); }
    std::int64_t tasks() { return number("SELECT count(*) FROM task WHERE organization = $1", organization); }

    const OnceRule dedupe{.kind = OnceKind::dedupe, .key = "a", .span = 1min};
    const OnceRule debounce{.kind = OnceKind::debounce, .key = "a", .span = 1min, .max_wait = 3min};
    const OnceRule throttle{.kind = OnceKind::throttle, .key = "a", .span = 1min, .count = 2};
};

TEST_P(Intake, dedupe_ignores_what_comes_within_the_window) {
    const Taken first = take(wish(dedupe), noon);
    EXPECT_EQ(first.as, TakenAs::created);
    const Taken second = take(wish(dedupe), noon + 59'999ms);
    EXPECT_EQ(second.as, TakenAs::ignored);
    EXPECT_EQ(second.task, first.task);
    EXPECT_EQ(second.status, Status::pending);
    const Taken third = take(wish(dedupe), noon + 60s);
    EXPECT_EQ(third.as, TakenAs::created);
    EXPECT_EQ(tasks(), 2);
}

TEST_P(Intake, the_three_kinds_do_not_share_their_keys) {
    EXPECT_EQ(take(wish(dedupe), noon).as, TakenAs::created);
    EXPECT_EQ(take(wish(throttle), noon).as, TakenAs::created);
    EXPECT_EQ(take(wish(debounce, noon + 1min), noon).as, TakenAs::created);
    EXPECT_EQ(keys(), 3);
}

TEST_P(Intake, a_deleted_task_stands_for_nothing) {
    const Taken first = take(wish(dedupe), noon);
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(organization, std::vector{first.task}, noon, std::move(done));
    }));
    EXPECT_EQ(take(wish(dedupe), noon + 1s).as, TakenAs::created);
}

TEST_P(Intake, one_that_is_over_tells_how_it_ended) {
    const Taken first = take(wish(dedupe), noon);
    const auto timers = stored_timers();
    ASSERT_EQ(timers.size(), 1U);
    ASSERT_TRUE(store.write(
        [&](Done done) { return std::make_unique<CancelExecution>(organization, first.task, noon, std::move(done)); }));
    const Taken second = take(wish(dedupe), noon + 1s);
    EXPECT_EQ(second.as, TakenAs::ignored);
    EXPECT_EQ(second.status, Status::cancelled);
}

TEST_P(Intake, throttle_counts_in_any_period_not_in_fixed_ones) {
    EXPECT_EQ(take(wish(throttle), noon).as, TakenAs::created);
    const Taken last = take(wish(throttle), noon + 50s);
    EXPECT_EQ(last.as, TakenAs::created);
    const Taken third = take(wish(throttle), noon + 59s);
    EXPECT_EQ(third.as, TakenAs::ignored);
    EXPECT_EQ(third.task, last.task);
    EXPECT_EQ(take(wish(throttle), noon + 60s).as, TakenAs::created);
    EXPECT_EQ(take(wish(throttle), noon + 61s).as, TakenAs::ignored) << "those at 50 s and 60 s count still";
}

TEST_P(Intake, debounce_takes_the_place_of_what_waits) {
    const Taken first = take(wish(debounce, noon + 1min, "http://example.com/1"), noon);
    const Taken second = take(wish(debounce, noon + 90s, "http://example.com/2"), noon + 30s, {{first.task, false}});
    EXPECT_EQ(second.as, TakenAs::replaced);
    EXPECT_EQ(second.task, first.task);
    EXPECT_EQ(second.scheduled_for, noon + 90s);
    EXPECT_EQ(tasks(), 1);
    const auto timers = stored_timers();
    ASSERT_EQ(timers.size(), 1U);
    EXPECT_EQ(timers[0].id, first.task);
    EXPECT_EQ(timers[0].due, noon + 90s);
    const auto task = find_task(store.reader(), organization, first.task);
    ASSERT_TRUE(task && *task);
    EXPECT_EQ((*task)->url, "http://example.com/2");
    EXPECT_EQ((*task)->version, 2);
}

TEST_P(Intake, debounce_ends_after_max_wait) {
    const Taken first = take(wish(debounce, noon + 1min), noon);
    for (const auto after : {50s, 100s, 150s}) take(wish(debounce), noon + after, {{first.task, false}});
    EXPECT_EQ(stored_timers().at(0).due, noon + 3min);
}

TEST_P(Intake, debounce_begins_anew_when_the_waiting_one_is_out_or_over) {
    const Taken first = take(wish(debounce, noon + 1min), noon);
    const Taken second = take(wish(debounce, noon + 2min), noon + 61s, {{first.task, true}});
    EXPECT_EQ(second.as, TakenAs::created);
    EXPECT_NE(second.task, first.task);
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<CancelExecution>(organization, second.task, noon, std::move(done));
    }));
    EXPECT_EQ(take(wish(debounce, noon + 3min), noon + 62s).as, TakenAs::created);
}

TEST_P(Intake, debounce_asks_to_hold_what_it_would_replace) {
    const Taken first = take(wish(debounce, noon + 1min), noon);
    std::vector<Taken> taken;
    const auto refused = try_take({wish(debounce, noon + 1min)}, {.now = noon}, taken);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code_winner_changed);
    const auto waiting = find_debounced(store.reader(), organization, {debounce});
    ASSERT_TRUE(waiting);
    EXPECT_EQ(*waiting, std::vector{first.task});
}

TEST_P(Intake, items_of_one_write_see_each_other) {
    std::vector<Taken> taken;
    ASSERT_TRUE(try_take({wish(dedupe), wish(dedupe), wish(debounce, noon + 1min), wish(debounce, noon + 1min)},
                         {.now = noon}, taken));
    ASSERT_EQ(taken.size(), 4U);
    EXPECT_EQ(taken[1].as, TakenAs::ignored);
    EXPECT_EQ(taken[1].task, taken[0].task);
    EXPECT_EQ(taken[3].as, TakenAs::replaced);
    EXPECT_EQ(taken[3].task, taken[2].task);
    EXPECT_EQ(tasks(), 2);
}

TEST_P(Intake, a_partial_write_goes_on_beside_what_is_refused) {
    const auto keyed = [&] {
        Task task = a_task();
        task.key = "mine";
        const auto shared = std::make_shared<const Task>(std::move(task));
        return Wish{.task = {shared, first_timer(*shared)}};
    };
    std::vector<Taken> taken;
    EXPECT_FALSE(try_take({keyed(), keyed()}, {.now = noon}, taken));
    EXPECT_EQ(tasks(), 0);
    ASSERT_TRUE(try_take({keyed(), keyed()}, {.is_partial = true, .now = noon}, taken));
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].as, TakenAs::created);
    EXPECT_EQ(taken[1].as, TakenAs::refused);
    EXPECT_EQ(tasks(), 1);
}

TEST_P(Intake, many_at_once_create_one) {
    std::vector<std::thread> callers;
    std::vector<std::vector<Taken>> taken(8);
    std::vector<Wish> wishes;
    for (std::size_t i = 0; i < taken.size(); ++i) wishes.push_back(wish(dedupe));
    for (std::size_t i = 0; i < taken.size(); ++i)
        callers.emplace_back([&, i] { (void)try_take({wishes[i]}, {.now = noon}, taken[i]); });
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(tasks(), 1);
    EXPECT_EQ(
        std::count_if(taken.begin(), taken.end(), [](const auto& each) { return each.at(0).as == TakenAs::created; }),
        1);
}

TEST_P(Intake, keys_are_forgotten_when_their_time_is_over) {
    take(wish(dedupe), noon);
    take(wish(throttle), noon);
    const Taken waiting = take(wish(debounce, noon + 1min), noon);
    forget(noon + 59s);
    EXPECT_EQ(keys(), 3);
    forget(noon + 1min);
    EXPECT_EQ(keys(), 1) << "the debounced task still waits";
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<CancelExecution>(organization, waiting.task, noon, std::move(done));
    }));
    forget(noon + 2h);
    EXPECT_EQ(keys(), 0);
}

PUNKT_ON_EVERY_STORE(Intake);

}  // namespace
}  // namespace punkt::store

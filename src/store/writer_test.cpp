#include "store/writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <latch>
#include <thread>

#include "store/write_all.h"
#include "testing/failing_disk.h"
#include "testing/failing_driver.h"
#include "testing/test_store.h"

namespace punkt::store {
namespace {

using punkt::testing::EventLog;
using punkt::testing::FailurePlan;

class SetClock final : public Clock {
  public:
    Timestamp now() const override { return from_ms(1'800'000'000'000); }
    Microseconds elapsed() const override { return Microseconds{elapsed_us.load()}; }
    std::atomic<std::int64_t> elapsed_us{0};
};

/// Inserts one number; says when it was applied and what came of it.
struct Number final : Write {
    explicit Number(int n) : number(n) {}
    Result<void> apply(db::Connection& connection) override {
        if (gate) {
            if (entered) entered->set_value();
            entered = nullptr;  // it may be applied again
            gate->wait();
        }
        if (own_error) {
            (void)connection.execute("INSERT INTO number VALUES ($1)", {number});
            return *own_error;
        }
        auto done = connection.execute("INSERT INTO number VALUES ($1)", {number});
        return done ? Result<void>() : Result<void>(done.error());
    }
    void announce(Announcements& announcements) override {
        if (tell) tell(announcements);
    }
    void finished(const Result<void>& result) override { promise.set_value(result); }
    bool is_hot() const override { return hot; }
    bool may_be_refused() const override { return refusable; }

    int number;
    bool hot = true;
    bool refusable = true;
    std::optional<Error> own_error;
    std::latch* gate = nullptr;
    std::promise<void>* entered = nullptr;
    std::function<void(Announcements&)> tell;
    std::promise<Result<void>> promise;
};

class WriterTest : public ::testing::Test {
  protected:
    WriterTest() { plan->error = {.kind = ErrorKind::internal, .message = "failed on purpose"}; }

    void start(Writer::Options options = {}) {
        auto connection = punkt::testing::open_failing({.path = path}, plan);
        ASSERT_TRUE(connection);
        ASSERT_TRUE(connection->script("CREATE TABLE IF NOT EXISTS number (n INTEGER PRIMARY KEY)"));
        if (!options.fatal) options.fatal = [this](const Error&) { ++deaths; };
        writer = std::make_unique<Writer>(std::move(*connection), std::nullopt, clock, counts, std::move(options));
        writer->start(events);
    }
    std::future<Result<void>> submit(std::unique_ptr<Number> number) {
        auto result = number->promise.get_future();
        writer->submit(std::move(number));
        return result;
    }
    std::future<Result<void>> submit(int number) { return submit(std::make_unique<Number>(number)); }
    /// Keeps the writer inside a transaction until counted down, so that what follows shares the next one.
    std::future<Result<void>> block(std::latch& gate, int number) {
        std::promise<void> entered;
        auto blocking = std::make_unique<Number>(number);
        blocking->gate = &gate;
        blocking->entered = &entered;
        auto result = submit(std::move(blocking));
        entered.get_future().wait();
        return result;
    }
    std::int64_t stored() {
        auto connection = db::Connection::open({.path = path}, db::Access::read);
        return *db::query_number(*connection, "SELECT count(*) FROM number");
    }

    punkt::testing::ScratchFolder folder;
    std::string path = folder.path("test.db");
    std::shared_ptr<FailurePlan> plan = std::make_shared<FailurePlan>();
    SetClock clock;
    Metrics metrics;
    WriterMetrics counts{metrics};
    EventLog events;
    std::atomic<int> deaths{0};
    std::unique_ptr<Writer> writer;
};

TEST_F(WriterTest, what_queues_during_a_commit_shares_the_next_one) {
    start();
    std::latch gate(1);
    auto first = block(gate, 0);
    std::vector<std::future<Result<void>>> rest;
    for (int i = 1; i <= 100; ++i) rest.push_back(submit(i));
    gate.count_down();
    EXPECT_TRUE(first.get());
    for (auto& result : rest) EXPECT_TRUE(result.get());
    EXPECT_LE(counts.commits.value(), 3u);
    EXPECT_EQ(stored(), 101);
}

TEST_F(WriterTest, many_threads_get_each_their_answer) {
    start();
    std::vector<std::thread> threads;
    std::atomic<int> fine{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i)
                if (submit(t * 1000 + i).get()) ++fine;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(fine, 1600);
    EXPECT_EQ(stored(), 1600);
}

TEST_F(WriterTest, a_batch_is_bounded) {
    start({.batch_rows_max = 10});
    std::latch gate(1);
    auto first = block(gate, 0);
    std::vector<std::future<Result<void>>> rest;
    for (int i = 1; i <= 100; ++i) rest.push_back(submit(i));
    gate.count_down();
    for (auto& result : rest) EXPECT_TRUE(result.get());
    EXPECT_GE(counts.commits.value(), 11u);
}

TEST_F(WriterTest, a_write_of_nothing_succeeds) {
    start();
    std::promise<Result<void>> promise;
    auto result = promise.get_future();
    writer->submit(std::make_unique<WriteAll>(std::vector<std::unique_ptr<Write>>{},
                                              [&promise](Result<void> done) { promise.set_value(std::move(done)); }));
    EXPECT_TRUE(result.get());
}

TEST_F(WriterTest, a_failing_write_is_undone_alone) {
    for (const bool hot : {false, true}) {
        start();
        std::latch gate(1);
        const int base = hot ? 100 : 0;
        auto first = block(gate, base);
        auto good = submit(base + 1);
        auto failing = std::make_unique<Number>(base + 2);
        failing->hot = hot;
        failing->own_error = Error{.kind = ErrorKind::not_found, .message = "no"};
        auto bad = submit(std::move(failing));
        auto duplicate = submit(base + 1);
        auto last = submit(base + 3);
        gate.count_down();
        EXPECT_TRUE(good.get());
        EXPECT_EQ(bad.get().error().kind, ErrorKind::not_found);
        EXPECT_EQ(duplicate.get().error().kind, ErrorKind::conflict);
        EXPECT_TRUE(last.get());
        writer.reset();
        EXPECT_EQ(stored(), hot ? 6 : 3);
    }
}

TEST_F(WriterTest, events_come_in_the_order_of_the_writes_and_before_the_answers) {
    struct Order final : StoreEvents {
        std::string said;
        void armed(std::vector<Armed> timers) override { said += "armed" + std::to_string(timers.size()) + " "; }
        void recorded(std::uint64_t, Result<std::vector<std::size_t>>) override { said += "recorded "; }
        void loaded(std::vector<Id>, Result<std::vector<TaskPtr>>) override {}
        void timers_loaded(Hour, Hour, Result<std::vector<Timer>>) override {}
        void task_changed(Id, std::vector<Timer>, std::vector<Armed>) override { said += "changed "; }
    } order;
    auto connection = db::Connection::open({.path = path}, db::Access::write);
    ASSERT_TRUE(connection->script("CREATE TABLE number (n INTEGER PRIMARY KEY)"));
    Writer other(std::move(*connection), std::nullopt, clock, counts, {});
    std::vector<std::future<Result<void>>> results;
    int number = 0;
    const auto say = [&](std::function<void(Announcements&)> tell) {
        auto write = std::make_unique<Number>(++number);
        write->tell = std::move(tell);
        results.push_back(write->promise.get_future());
        other.submit(std::move(write));
    };
    say([](Announcements& a) { a.armed({}); });
    say([](Announcements& a) { a.armed({}); });
    say([](Announcements& a) { a.changed(1, {}, {}); });
    say([](Announcements& a) { a.armed({}); });
    say([](Announcements& a) { a.recorded(1, {}); });
    say([](Announcements& a) { a.changed(1, {}, {}); });
    other.start(order);
    results.back().wait();
    EXPECT_EQ(order.said, "armed2 changed recorded armed1 changed ");
}

TEST_F(WriterTest, a_long_wait_refuses_what_is_new_but_not_outcomes) {
    start();
    std::latch gate(1);
    auto running = block(gate, 0);
    auto waiting = submit(1);
    clock.elapsed_us = 2'100'000;
    EXPECT_EQ(submit(2).get().error().kind, ErrorKind::unavailable);
    auto outcome = std::make_unique<Number>(3);
    outcome->refusable = false;
    auto kept = submit(std::move(outcome));
    gate.count_down();
    EXPECT_TRUE(running.get());
    EXPECT_TRUE(waiting.get());
    EXPECT_TRUE(kept.get());
    EXPECT_TRUE(submit(4).get());
    EXPECT_EQ(counts.refused.value(), 1u);
}

TEST_F(WriterTest, a_long_queue_refuses_what_is_new) {
    start({.queue_rows_max = 3});
    std::latch gate(1);
    auto running = block(gate, 0);
    std::vector<std::future<Result<void>>> waiting;
    for (int i = 1; i <= 3; ++i) waiting.push_back(submit(i));
    EXPECT_EQ(submit(4).get().error().kind, ErrorKind::unavailable);
    gate.count_down();
    for (auto& result : waiting) EXPECT_TRUE(result.get());
    EXPECT_TRUE(submit(5).get());
}

TEST_F(WriterTest, stopping_writes_what_is_queued_and_refuses_the_rest) {
    start();
    std::latch gate(1);
    auto first = block(gate, 0);
    auto second = submit(1);
    std::thread opener([&] { gate.count_down(); });
    writer->stop();
    opener.join();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    EXPECT_EQ(submit(2).get().error().kind, ErrorKind::unavailable);
}

TEST_F(WriterTest, a_failed_storage_ends_the_acknowledgements) {
    plan->error.code = "storage_failed";
    start();
    EXPECT_TRUE(submit(1).get());
    plan->fail_at = plan->statements + 3;  // the COMMIT
    auto lost = submit(2).get();
    ASSERT_FALSE(lost);
    EXPECT_TRUE(db::is_fatal(lost.error()));
    EXPECT_EQ(deaths, 1);
    EXPECT_FALSE(submit(3).get()) << "the storage would work again, but nobody may believe it";
    EXPECT_EQ(deaths, 1);
}

/// Whichever statement fails: what was acknowledged is there, what was not is not, and the next batch works.
TEST_F(WriterTest, any_statement_may_fail) {
    int number = 0;
    bool reached_the_end = false;
    for (int n = 1; !reached_the_end; ++n) {
        start();
        std::vector<std::pair<int, std::future<Result<void>>>> results;
        std::latch gate(1);
        const int blocking = ++number;
        auto first = block(gate, blocking);
        for (int i = 0; i < 4; ++i) {
            auto write = std::make_unique<Number>(++number);
            write->hot = i % 2;
            results.emplace_back(number, submit(std::move(write)));
        }
        plan->fail_at = plan->statements + n;
        gate.count_down();
        results.emplace_back(blocking, std::move(first));
        std::vector<int> acknowledged;
        std::vector<int> refused;
        for (auto& [written, result] : results) (result.get() ? acknowledged : refused).push_back(written);
        reached_the_end = plan->statements < plan->fail_at;
        plan->fail_at = 0;
        if (deaths == 0) EXPECT_TRUE(submit(++number).get()) << n;  // a failed ROLLBACK is the end
        writer.reset();
        deaths = 0;
        auto connection = db::Connection::open({.path = path}, db::Access::read);
        for (const int written : acknowledged)
            EXPECT_EQ(*db::query_number(*connection, "SELECT count(*) FROM number WHERE n = $1", {written}), 1) << n;
        for (const int written : refused)
            EXPECT_EQ(*db::query_number(*connection, "SELECT count(*) FROM number WHERE n = $1", {written}), 0) << n;
    }
}

}  // namespace
}  // namespace punkt::store

#include "store/retention.h"

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using std::chrono::hours;

class RetentionContract : public testing::StoreContract {
  protected:
    struct SetClock final : Clock {
        Timestamp now() const override { return at; }
        Microseconds elapsed() const override { return Microseconds{0}; }
        Timestamp at = noon;
    };
    /// One whole pass at `now`, in steps of two rows.
    void pass(Timestamp now) {
        clock.at = now;
        auto reader = store.folder().reading();
        ASSERT_TRUE(reader);
        Retention retention(store.writer(), std::move(*reader), clock, {.keep = hours{24}, .rows_per_step = 2});
        while (retention.step()) std::this_thread::yield();
        // The last step's deletion is written before this.
        ASSERT_TRUE(store.write(
            [](Done done) { return make_write([](db::Connection&) { return Result<void>(); }, std::move(done)); }));
    }
    std::int64_t count(const char* sql) { return *db::query_number(store.reader(), sql); }
    std::int64_t tasks() { return count("SELECT count(*) FROM task"); }
    std::int64_t executions() { return count("SELECT count(*) FROM execution"); }

    SetClock clock;
};
PUNKT_ON_EVERY_STORE(RetentionContract);

TEST_P(RetentionContract, finished_one_time_tasks_go_with_their_executions) {
    for (int i = 0; i < 7; ++i) insert_finished(a_task(), noon + hours{1});
    pass(noon + hours{24});
    EXPECT_EQ(tasks(), 7);
    pass(noon + hours{26});
    EXPECT_EQ(executions(), 0);
    EXPECT_EQ(tasks(), 0);
}

TEST_P(RetentionContract, what_waits_or_ended_lately_stays) {
    const Task far = a_task();
    insert(far, first_attempt(far));
    insert_finished(a_task(), noon + hours{90});  // created long ago, ended now
    const Task retried = a_task();
    const Timer timer = first_attempt(retried);
    insert(retried, timer);
    const Timer retry = run_of(retried, noon + hours{200});
    ASSERT_TRUE(store.record({.timer = timer, .arm = {retry}, .record = outcome(timer, Status::failed)}));
    pass(noon + hours{100});
    EXPECT_EQ(tasks(), 3);
    EXPECT_EQ(executions(), 1);
    EXPECT_EQ(stored_timers().size(), 2u);
}

TEST_P(RetentionContract, a_cron_task_stays_and_its_old_executions_go) {
    const Task cron = a_task(TaskKind::cron);
    insert(cron, beat(cron));
    for (const int hour : {1, 2, 80}) {
        const Timer run = run_of(cron, noon + hours{hour});
        ASSERT_TRUE(store.record({.timer = beat(cron), .arm = {run, beat(cron)}}));
        ASSERT_TRUE(store.record({.timer = run, .record = outcome(run)}));
    }
    pass(noon + hours{100});
    EXPECT_EQ(tasks(), 1);
    EXPECT_EQ(executions(), 1);
}

TEST_P(RetentionContract, deleted_tasks_and_old_versions_go_after_the_period) {
    const Task cron = a_task(TaskKind::cron);
    insert(cron, beat(cron));
    Task next = cron;
    next.version = 2;
    next.updated_at = noon;
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<UpdateTask>(TaskUpdate{.task = std::make_shared<const Task>(next), .timer = beat(next)},
                                            std::move(done));
    }));
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(organization, std::vector<Id>{cron.id}, noon + hours{50}, std::move(done));
    }));
    pass(noon + hours{60});
    EXPECT_EQ(tasks(), 1);
    EXPECT_EQ(count("SELECT count(*) FROM task_version"), 0) << "replaced more than a day ago";
    pass(noon + hours{75});
    EXPECT_EQ(tasks(), 0);
    EXPECT_EQ(count("SELECT count(*) FROM schedule"), 0);
}

}  // namespace
}  // namespace punkt::store

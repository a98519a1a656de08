// Retention by status, by plan and by size, what it gives back, and what it never touches.
#include <random>
#include <set>

#include "store/quotas.h"
#include "store/retention.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using std::chrono::hours;

class RetentionBounds : public testing::StoreContract {
  protected:
    struct SetClock final : Clock {
        Timestamp now() const override { return at; }
        Microseconds elapsed() const override { return Microseconds{0}; }
        Timestamp at = noon;
    };
    Retention made(Retention::Options options) {
        auto reader = store.folder().reading();
        EXPECT_TRUE(reader);
        options.rows_per_step = 7;
        return Retention(store.writer(), std::move(*reader), clock, std::move(options));
    }
    void run(Retention& retention) {
        while (retention.step()) std::this_thread::yield();
        // The last step's deletion is written before this.
        ASSERT_TRUE(store.write(
            [](Done done) { return make_write([](db::Connection&) { return Result<void>(); }, std::move(done)); }));
    }
    void pass(Timestamp now, Retention::Options options) {
        clock.at = now;
        auto retention = made(std::move(options));
        run(retention);
    }
    void execute(const char* sql) {
        ASSERT_TRUE(store.write([&](Done done) {
            return make_write([sql](db::Connection& connection) -> Result<void> { return connection.script(sql); },
                              std::move(done));
        }));
    }
    std::int64_t count(const char* sql) { return *db::query_number(store.reader(), sql); }
    std::int64_t executions(Status status) {
        return *db::query_number(store.reader(), "SELECT count(*) FROM execution WHERE status = $1", {status});
    }

    /// One-time tasks of 40 KB each that ended so.
    void insert_large(int tasks, Status status) {
        for (int i = 0; i < tasks; ++i) {
            Task task = a_task();
            task.body = std::string(40'000, 'x');
            insert_finished(task, noon + hours{1}, status);
        }
    }

    SetClock clock;
};
PUNKT_ON_EVERY_STORE(RetentionBounds);

TEST_P(RetentionBounds, what_failed_may_stay_longer_than_what_succeeded) {
    for (int i = 0; i < 20; ++i) insert_finished(a_task(), noon + hours{1});
    for (const Status status : {Status::failed, Status::timeout}) insert_finished(a_task(), noon + hours{1}, status);
    insert_finished(a_task(), noon + hours{1}, Status::cancelled);
    const Retention::Options options{.keep = hours{48}, .keep_success = hours{24}, .keep_failed = hours{72}};
    pass(noon + hours{26}, options);
    EXPECT_EQ(executions(Status::success), 0);
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 3);
    EXPECT_EQ(count("SELECT count(*) FROM task"), 3);
    pass(noon + hours{50}, options);
    EXPECT_EQ(executions(Status::cancelled), 0);
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 2);
    pass(noon + hours{74}, options);
    EXPECT_EQ(count("SELECT count(*) FROM task"), 0);
}

TEST_P(RetentionBounds, a_plan_keeps_its_own_time) {
    Quotas quotas(clock, {.plans = {{.name = "short", .retention_days = 1}}});
    quotas.choose(organization, {.plan = "short"});
    insert_finished(a_task(), noon + hours{1});
    Task other = a_task();
    other.organization = organization + 1;
    Timer timer = first_attempt(other);
    timer.organization = other.organization;
    insert(other, timer);
    Execution ended = outcome(timer);
    ended.finished_at = noon + hours{1};
    ASSERT_TRUE(store.record({.timer = timer, .record = ended}));
    pass(noon + hours{26}, {.keep = hours{24 * 30}, .quotas = &quotas});
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 1);
    EXPECT_EQ(count("SELECT organization FROM task"), organization + 1);
}

TEST_P(RetentionBounds, rows_that_belong_to_no_task_go) {
    Task job = a_task();
    job.surface = Surface::qron;
    insert_finished(job, noon + hours{1});
    const Task kept = a_task(TaskKind::cron);
    insert(kept, beat(kept));
    execute(("INSERT INTO qron_job (organization, task, created_at, data) VALUES (7, " + std::to_string(job.id) +
             ", 0, '{}'), (7, 99, 0, '{}'), (7, " + std::to_string(kept.id) + ", 0, '{}')")
                .c_str());
    execute("INSERT INTO tiktak_schedule (organization, id, task) VALUES (7, 'lost', 98)");
    execute("INSERT INTO schedule (task, organization) VALUES (97, 7)");
    execute(
        "INSERT INTO task_version (task, version, organization, replaced_at, kind, surface, enabled, method, "
        "created_at, updated_at, name, url) VALUES (96, 1, 7, 9000000000000, 0, 0, 1, 1, 0, 0, '', '')");
    const Retention::Options options{.keep = hours{24},
                                     .remainders = {{"qron_job", Surface::qron}, {"tiktak_schedule", Surface::tiktak}}};
    pass(noon + hours{2}, options);
    EXPECT_EQ(count("SELECT count(*) FROM qron_job"), 2) << "the job whose task is still there stays";
    EXPECT_EQ(count("SELECT count(*) FROM tiktak_schedule"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM schedule"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM task_version"), 0);
    pass(noon + hours{26}, options);
    EXPECT_EQ(count("SELECT task FROM qron_job"), kept.id);
    EXPECT_EQ(count("SELECT count(*) FROM qron_job"), 1);
}

TEST_P(RetentionBounds, beyond_its_size_the_oldest_goes_first_and_failures_last_and_the_file_shrinks) {
    Task waiting = a_task();
    waiting.body = std::string(40'000, 'x');
    insert(waiting, first_attempt(waiting));
    insert_large(10, Status::failed);
    insert_large(100, Status::success);
    const auto bytes = [&] { return count("PRAGMA page_count") * count("PRAGMA page_size"); };
    const std::int64_t full = bytes();
    ASSERT_GT(full, 4'000'000);
    Retention::Options options{
        .keep = hours{1000}, .bytes_max = full / 2, .vacuum_pages_per_step = 16, .free_pages_min = 8};
    pass(noon + hours{2}, options);
    EXPECT_EQ(executions(Status::failed), 10);
    EXPECT_GT(executions(Status::success), 20);
    EXPECT_LT(executions(Status::success), 60);
    EXPECT_EQ(count("SELECT count(*) FROM task"), count("SELECT count(*) FROM execution") + 1);
    EXPECT_LT(bytes(), full * 6 / 10) << "free pages left the file";
    const std::int64_t newest = count("SELECT max(id) FROM execution WHERE status = 2");
    EXPECT_EQ(count("SELECT max(id) FROM task"), newest) << "the newest stay";
    options.bytes_max = 1;
    pass(noon + hours{3}, options);
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 0);
    EXPECT_EQ(count("SELECT id FROM task"), waiting.id);
    EXPECT_EQ(stored_timers().size(), 1u);
}

TEST_P(RetentionBounds, each_outcome_keeps_to_its_own_budget_and_the_oldest_goes_first) {
    insert_large(50, Status::success);
    insert_large(10, Status::failed);
    insert_large(10, Status::missed);
    insert_large(5, Status::cancelled);
    insert_large(50, Status::success);
    const std::int64_t newest = count("SELECT max(id) FROM execution");
    pass(noon + hours{2}, {.keep = hours{1000}, .budgets = {.success_bytes_max = 2'000'000}});
    EXPECT_GT(executions(Status::success), 40);
    EXPECT_LT(executions(Status::success), 50) << "so many of 40 KB are 95 % of 2 MB";
    EXPECT_EQ(count("SELECT max(id) FROM execution"), newest) << "the newest stay";
    EXPECT_EQ(executions(Status::failed) + executions(Status::missed), 20);
    pass(noon + hours{3}, {.keep = hours{1000}, .budgets = {.failed_bytes_max = 400'000}});
    EXPECT_EQ(executions(Status::failed), 0);
    EXPECT_EQ(executions(Status::missed), 9) << "the failed ones are older";
    EXPECT_GT(executions(Status::success), 40);
    EXPECT_EQ(executions(Status::cancelled), 5) << "has no budget";
    EXPECT_EQ(count("SELECT count(*) FROM task"), count("SELECT count(*) FROM execution"));
}

TEST_P(RetentionBounds, a_budget_that_is_kept_to_takes_nothing_away) {
    insert_large(10, Status::success);
    insert_large(10, Status::failed);
    const RetentionBudgets::Limits limits{.success_bytes_max = 420'000, .failed_bytes_max = 420'000};
    pass(noon + hours{2}, {.keep = hours{1000}, .budgets = limits});
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 20);
}

TEST_P(RetentionBounds, a_task_that_runs_again_stays_when_its_history_is_too_much) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    insert_large(3, Status::success);
    Task again = a_task();
    insert(again, first_attempt(again));
    const Timer more = run_of(again, noon + hours{50});
    ASSERT_TRUE(store.record(
        {.timer = first_attempt(again), .arm = {more}, .record = outcome(first_attempt(again), Status::success)}));
    pass(noon + hours{2}, {.keep = hours{1000}, .budgets = {.success_bytes_max = 1, .failed_bytes_max = 1}});
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM task"), 2);
    EXPECT_EQ(stored_timers().size(), 2u);
}

TEST_P(RetentionBounds, by_age_it_looks_once_in_a_while_and_by_size_each_time) {
    insert_finished(a_task(), noon + hours{1});
    clock.at = noon + hours{1};
    auto retention = made({.keep = hours{1}});
    run(retention);
    EXPECT_EQ(executions(Status::success), 1);
    clock.at = noon + hours{1} + std::chrono::minutes{9};
    run(retention);
    clock.at = noon + hours{3};
    run(retention);
    EXPECT_EQ(executions(Status::success), 0);
}

/// Whatever was inserted, triggered, retried, moved and deleted, and however little may be kept: no timer loses its
/// task, and no timer goes.
TEST_P(RetentionBounds, what_waits_is_never_purged) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        std::mt19937 dice(seed);
        const auto one_of = [&](int n) { return static_cast<int>(dice() % static_cast<unsigned>(n)); };
        const auto some_time = [&] { return noon + hours{one_of(400)}; };
        for (int i = 0; i < 60; ++i) {
            const auto kind = one_of(3) == 0 ? TaskKind::cron : TaskKind::once;
            Task task = a_task(kind);
            task.surface = static_cast<Surface>(one_of(3));
            if (kind == TaskKind::once) task.scheduled_at = some_time();
            const Timer first = kind == TaskKind::cron ? beat(task) : first_attempt(task, *task.scheduled_at);
            insert(task, first);
            const Timer more = run_of(task, some_time());
            Execution record = outcome(first, static_cast<Status>(2 + one_of(5)));
            record.finished_at = some_time();
            const bool runs_again = one_of(2) == 0;
            if (kind == TaskKind::once && one_of(4) > 0) {
                ASSERT_TRUE(store.record(
                    {.timer = first, .arm = runs_again ? std::vector{more} : std::vector<Timer>(), .record = record}));
            } else if (runs_again) {
                ASSERT_TRUE(store.write([&](Done done) { return std::make_unique<ArmTimer>(more, std::move(done)); }));
            }
            if (one_of(6) == 0) {
                ASSERT_TRUE(store.write([&](Done done) {
                    return std::make_unique<DeleteTasks>(organization, std::vector<Id>{task.id}, some_time(),
                                                         std::move(done));
                }));
            }
        }
        const auto before = stored_timers();
        const std::int64_t tasks_before = count("SELECT count(*) FROM task");
        pass(noon + hours{500}, {.keep = hours{1 + one_of(600)},
                                 .keep_success = hours{one_of(2) * one_of(500)},
                                 .keep_failed = hours{one_of(2) * one_of(500)},
                                 .bytes_max = one_of(2),
                                 .budgets = {.success_bytes_max = one_of(2) * one_of(5'000),
                                             .failed_bytes_max = one_of(2) * one_of(5'000)}});
        EXPECT_EQ(stored_timers(), before) << "seed " << seed;
        EXPECT_EQ(count("SELECT count(*) FROM timer WHERE NOT EXISTS (SELECT 1 FROM task WHERE task.id = timer.task)"),
                  0)
            << "seed " << seed;
        EXPECT_LE(count("SELECT count(*) FROM task"), tasks_before);
    }
    pass(noon + hours{2000}, {.keep = hours{1}});
    EXPECT_EQ(count("SELECT count(*) FROM execution"), 0);
    EXPECT_GT(count("SELECT count(*) FROM task"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM task WHERE kind = 0 AND NOT EXISTS (SELECT 1 FROM timer WHERE timer.task = "
                    "task.id)"),
              0)
        << "and what is over does go";
}

}  // namespace
}  // namespace punkt::store

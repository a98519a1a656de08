#include "store/quotas.h"

#include <thread>

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using std::chrono::days;
using std::chrono::hours;

// 2027-01-15T08:00:00Z, as StoreContract's noon.
const Timestamp now_at = from_ms(1'800'000'000'000);

struct QuotaClock final : Clock {
    Timestamp now() const override { return at; }
    Microseconds elapsed() const override { return Microseconds{0}; }
    Timestamp at = now_at;
};

class QuotasContract : public testing::StoreContract {
  protected:
    Quotas made(std::int64_t limit, Plan::Limit kind = Plan::Limit::hard) {
        return Quotas(clock,
                      {.plans = {{.name = "tiny", .limit = kind, .executions_per_month = limit}}, .standard = "tiny"});
    }
    Transition ended(const Task& task, Timestamp at, Status status = Status::success, int attempt = 1) {
        Timer timer = first_attempt(task);
        timer.attempt = attempt;
        Execution execution = outcome(timer, status);
        execution.finished_at = at;
        return {.timer = timer, .record = execution, .is_counted = true};
    }
    QuotaClock clock;
};
PUNKT_ON_EVERY_STORE(QuotasContract);

TEST_P(QuotasContract, outcomes_are_counted_in_their_commit_one_row_for_each_day) {
    const Task a = a_task(), b = a_task(), c = a_task(), d = a_task(), e = a_task();
    for (const Task& task : {a, b, c, d, e}) insert(task, first_attempt(task));
    Transition hidden = ended(d, noon);
    hidden.is_counted = false;
    ASSERT_TRUE(store.record(ended(a, noon)));
    ASSERT_TRUE(store.record(ended(b, noon + hours{20}, Status::failed)));
    ASSERT_TRUE(store.record(ended(c, noon, Status::timeout, 2)));
    ASSERT_TRUE(store.record(hidden));
    ASSERT_TRUE(store.record(ended(e, noon, Status::missed)));
    const auto usage = list_usage(store.reader(), organization, day_of(noon), day_of(noon) + 9);
    ASSERT_TRUE(usage);
    ASSERT_EQ(usage->size(), 2u);
    EXPECT_EQ((*usage)[0].executions, 1);
    EXPECT_EQ((*usage)[0].attempts, 2) << "a retry is free and still shown";
    EXPECT_EQ((*usage)[0].failed, 0);
    EXPECT_EQ((*usage)[1].executions, 1);
    EXPECT_EQ((*usage)[1].failed, 1);
    store.restart();
    clock.at = noon;
    Quotas quotas = made(10);
    ASSERT_TRUE(quotas.load(store.reader()));
    EXPECT_EQ(quotas.state(organization).used, 2);
}

TEST_P(QuotasContract, a_hard_limit_holds_exactly_however_many_ask_at_once) {
    Quotas quotas = made(100);
    std::atomic<int> admitted = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 16; ++i)
        callers.emplace_back([&] {
            for (int k = 0; k < 50; ++k)
                if (quotas.admit({.organization = organization, .runs = 1})) ++admitted;
        });
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(admitted, 100);
    const auto refused = quotas.admit({.organization = organization, .runs = 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code_quota_exceeded);
    quotas.release(organization, 1);
    EXPECT_FALSE(quotas.admit({.organization = organization, .runs = 2}));
    EXPECT_TRUE(quotas.admit_run(organization));
}

TEST_P(QuotasContract, a_soft_limit_refuses_nothing) {
    Quotas quotas = made(1, Plan::Limit::soft);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(quotas.admit_run(organization));
}

TEST_P(QuotasContract, what_was_cancelled_is_given_back_by_the_recount_and_what_waits_is_not) {
    Quotas quotas = made(3);
    Task waits = a_task(), far = a_task();
    waits.scheduled_at = noon + hours{1};
    far.scheduled_at = noon + days{40};
    insert(waits, first_attempt(waits, noon + hours{1}));
    insert(far, first_attempt(far, noon + days{40}));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(quotas.admit_run(organization));
    quotas.committed(organization, 3);
    ASSERT_FALSE(quotas.admit_run(organization));
    ASSERT_TRUE(quotas.recount_where_due(store.reader()));
    EXPECT_EQ(quotas.state(organization).open, 1) << "the one that is due in this month";
    EXPECT_EQ(quotas.state(organization).remaining(), 2);
    EXPECT_TRUE(quotas.admit({.organization = organization, .runs = 2}));
    EXPECT_FALSE(quotas.admit_run(organization));
}

TEST_P(QuotasContract, the_month_begins_anew_at_its_first_instant) {
    Quotas quotas = made(1);
    const Timestamp february = std::chrono::sys_days(std::chrono::year{2027} / 2 / 1);
    EXPECT_EQ(next_month_start(noon), february);
    clock.at = february - Milliseconds{1};
    ASSERT_TRUE(quotas.admit_run(organization));
    quotas.committed(organization, 1);
    quotas.counted({{.organization = organization, .day = day_of(clock.at), .executions = 1, .attempts = 1}});
    EXPECT_FALSE(quotas.admit_run(organization));
    EXPECT_EQ(quotas.state(organization).used, 1);
    clock.at = february;
    EXPECT_EQ(quotas.state(organization).used, 0);
    EXPECT_EQ(quotas.state(organization).month, february);
    EXPECT_TRUE(quotas.admit_run(organization));
    quotas.counted({{.organization = organization, .day = day_of(february) - 1, .executions = 1, .attempts = 1}});
    EXPECT_EQ(quotas.state(organization).used, 0) << "ended in January, told in February";
}

TEST_P(QuotasContract, each_share_of_the_limit_is_passed_once) {
    Quotas quotas = made(10);
    const auto count = [&](int runs) {
        quotas.counted({{.organization = organization, .day = day_of(noon), .executions = runs, .attempts = runs}});
    };
    const auto percents = [&] {
        std::vector<int> all;
        for (const auto& passed : quotas.take_passed()) all.push_back(passed.percent);
        return all;
    };
    count(7);
    EXPECT_EQ(percents(), std::vector<int>());
    count(1);
    EXPECT_EQ(percents(), std::vector<int>{80});
    count(1);
    EXPECT_EQ(percents(), std::vector<int>());
    count(5);
    EXPECT_EQ(percents(), std::vector<int>{100});
    EXPECT_EQ(percents(), std::vector<int>());
    clock.at += days{31};
    count(0);
    quotas.counted({{.organization = organization, .day = day_of(clock.at), .executions = 10, .attempts = 10}});
    EXPECT_EQ(percents(), std::vector<int>{100}) << "of two at once the greater";
}

TEST_P(QuotasContract, a_schedule_narrower_than_the_plan_allows_is_refused_by_its_real_instants) {
    Quotas quotas(clock, {.plans = {{.name = "slow", .min_cron_interval = 3600}}, .standard = "slow"});
    Task task = a_task(TaskKind::cron);
    for (const auto& [expression, fits] : std::vector<std::pair<const char*, bool>>{
             {"0 * * * *", true}, {"0,59 * * * *", false}, {"*/30 9 * * *", false}, {"15 3 * * *", true}}) {
        task.cron = expression;
        const auto checked = quotas.admit({.organization = organization, .schedules = {&task}});
        EXPECT_EQ(checked.has_value(), fits) << expression;
        if (!checked) {
            EXPECT_EQ(checked.error().fields.front().field, "cron_expression");
        }
    }
}

TEST_P(QuotasContract, the_writer_refuses_before_it_queues_and_gives_back_what_was_not_written) {
    Quotas quotas = made(2);
    Writer::Options options;
    options.quotas = &quotas;
    testing::TestStore limited(GetParam(), options);
    const auto write = [&](const Task& task) {
        return limited.write([&](Done done) {
            return std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task), first_attempt(task)},
                                                 std::move(done));
        });
    };
    const Task first = a_task(), second = a_task(), third = a_task();
    ASSERT_TRUE(write(first));
    EXPECT_FALSE(write(first)) << "an id of two tasks";
    ASSERT_TRUE(write(second));
    const auto refused = write(third);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code_quota_exceeded);
    Task hidden = a_task();
    hidden.purpose = Purpose::callback;
    EXPECT_TRUE(write(hidden)) << "what Punkt asks for itself is free";
    const Timer again = run_of(first);
    EXPECT_FALSE(limited.write([&](Done done) { return std::make_unique<ArmTimer>(again, std::move(done)); }));
}

}  // namespace
}  // namespace punkt::store

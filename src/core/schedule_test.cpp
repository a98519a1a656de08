#include "core/schedule.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "core/limits.h"

namespace punkt {
namespace {

using namespace std::chrono_literals;

Timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

Task task(const char* cron, const char* timezone = "UTC") {
    Task task;
    task.kind = TaskKind::cron;
    task.cron = cron;
    task.timezone = timezone;
    return task;
}

Schedule schedule(const char* cron, const char* timezone = "UTC") {
    auto created = Schedule::create(task(cron, timezone));
    EXPECT_TRUE(created) << cron;
    return *created;
}

TEST(Schedule, names_the_field_it_refuses) {
    const auto bad_cron = Schedule::create(task("61 * * * *"));
    ASSERT_FALSE(bad_cron);
    ASSERT_EQ(bad_cron.error().fields.size(), 1u);
    EXPECT_EQ(bad_cron.error().fields[0].field, "cron_expression");
    EXPECT_EQ(bad_cron.error().fields[0].message, "is not a valid cron expression (minute 61 is not between 0 and 59)");

    const auto bad_zone = Schedule::create(task("* * * * *", "Europe/Olso"));
    ASSERT_FALSE(bad_zone);
    ASSERT_EQ(bad_zone.error().fields.size(), 1u);
    EXPECT_EQ(bad_zone.error().fields[0].field, "timezone");
    EXPECT_EQ(bad_zone.error().fields[0].message,
              "'Europe/Olso' is not a known time zone, did you mean 'Europe/Oslo'?");
}

TEST(Schedule, reads_the_dialect_and_the_surface_of_the_task) {
    auto friday = task("0 0 13 * FRI");
    friday.dialect = CronDialect::and_;
    EXPECT_EQ(Schedule::create(friday)->next(at("2026-02-14T00:00:00Z")), at("2026-03-13T00:00:00Z"));

    auto tiktak = task("* * * * *");
    tiktak.dialect = CronDialect::and_;
    tiktak.surface = Surface::tiktak;
    EXPECT_FALSE(Schedule::create(tiktak));
    tiktak.cron = "30 * * * * *";
    EXPECT_EQ(Schedule::create(tiktak)->next(at("2026-01-01T00:00:00Z")), at("2026-01-01T00:00:30Z"));
}

TEST(Schedule, takes_the_interval_from_real_runs) {
    const auto new_year = at("2026-01-01T00:00:00Z");
    EXPECT_EQ(schedule("* * * * *").interval(new_year), 1min);
    EXPECT_EQ(schedule("0-59 * * * *").interval(new_year), 1min);
    EXPECT_EQ(schedule("*/5 * * * * *").interval(new_year), 5s);
    EXPECT_EQ(schedule("0,10 * * * *").interval(new_year), 10min);
    EXPECT_EQ(schedule("0 9 * * 1-5").interval(new_year), 24h);
    EXPECT_EQ(schedule("0 0 1 * *").interval(new_year), 28 * 24h);
    EXPECT_EQ(schedule("0 0 0 1 1 * 2027").interval(new_year), 24h);
    EXPECT_EQ(schedule("0 0 0 1 1 * 2020").interval(new_year), 24h);
}

TEST(Schedule, graces_half_an_interval_between_half_a_minute_and_an_hour) {
    const auto new_year = at("2026-01-01T00:00:00Z");
    EXPECT_EQ(schedule("* * * * * *").grace(new_year), 30s);
    EXPECT_EQ(schedule("* * * * *").grace(new_year), 30s);
    EXPECT_EQ(schedule("*/10 * * * *").grace(new_year), 5min);
    EXPECT_EQ(schedule("0 * * * *").grace(new_year), 30min);
    EXPECT_EQ(schedule("0 0 * * *").grace(new_year), 1h);
}

struct Outcome {
    std::size_t run, missed;
    bool operator==(const Outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& o) {
    return out << o.run << " run, " << o.missed << " missed";
}

Outcome outcome(const CatchUpPlan& plan) { return {plan.run.size(), plan.missed.size()}; }

TEST(CatchUp, runs_what_is_due_on_time_under_every_policy) {
    const auto every_minute = schedule("* * * * *");
    const auto due = at("2026-01-01T00:01:00Z");
    for (auto policy : {CatchUp::skip, CatchUp::run_latest, CatchUp::run_all}) {
        const auto plan = plan_catch_up(every_minute, policy, due, due + 20ms);
        EXPECT_EQ(plan.run, std::vector{due});
        EXPECT_TRUE(plan.missed.empty());
        EXPECT_EQ(plan.next, due + 1min);
    }
}

TEST(CatchUp, does_nothing_before_it_is_due) {
    const auto due = at("2026-01-01T00:01:00Z");
    const auto plan = plan_catch_up(schedule("* * * * *"), CatchUp::run_all, due, due - 1ms);
    EXPECT_EQ(outcome(plan), (Outcome{0, 0}));
    EXPECT_EQ(plan.next, due);
}

TEST(CatchUp, skip_misses_what_is_later_than_half_a_minute) {
    const auto every_minute = schedule("* * * * *");
    const auto due = at("2026-01-01T00:01:00Z");
    const auto plan = plan_catch_up(every_minute, CatchUp::skip, due, due + 10min + 30s);
    EXPECT_EQ(outcome(plan), (Outcome{1, 10}));
    EXPECT_EQ(plan.run[0], due + 10min);
    EXPECT_EQ(outcome(plan_catch_up(every_minute, CatchUp::skip, due, due + 10min + 30s + 1ms)), (Outcome{0, 11}));
    EXPECT_EQ(plan.next, due + 11min);
}

TEST(CatchUp, run_latest_runs_the_newest_within_its_grace) {
    const auto hourly = schedule("0 * * * *");
    const auto due = at("2026-01-01T01:00:00Z");
    const auto plan = plan_catch_up(hourly, CatchUp::run_latest, due, due + 5h + 30min);
    EXPECT_EQ(outcome(plan), (Outcome{1, 5}));
    EXPECT_EQ(plan.run[0], due + 5h);
    EXPECT_EQ(plan.missed[0].first, due);
    EXPECT_STREQ(plan.missed[0].second, "Scheduler was unavailable at scheduled time");
    EXPECT_EQ(plan.next, due + 6h);

    const auto later = plan_catch_up(hourly, CatchUp::run_latest, due, due + 5h + 30min + 1ms);
    EXPECT_EQ(outcome(later), (Outcome{0, 6}));
    EXPECT_NE(std::string(later.missed[5].second).find("half the interval"), std::string::npos);
}

TEST(CatchUp, run_all_runs_the_newest_hundred_in_order) {
    const auto every_minute = schedule("* * * * *");
    const auto due = at("2026-01-01T00:01:00Z");
    const auto plan = plan_catch_up(every_minute, CatchUp::run_all, due, due + 149min);
    EXPECT_EQ(outcome(plan), (Outcome{100, 50}));
    EXPECT_EQ(plan.run.front(), due + 50min);
    EXPECT_EQ(plan.run.back(), due + 149min);
    EXPECT_EQ(plan.missed.back().first, due + 49min);
    EXPECT_EQ(plan.next, due + 150min);
}

TEST(CatchUp, bounded_portions_come_to_the_same_as_one_large_one) {
    const auto every_minute = schedule("* * * * *");
    const auto due = at("2026-01-01T00:01:00Z");
    for (auto policy : {CatchUp::skip, CatchUp::run_latest, CatchUp::run_all}) {
        for (auto minutes : {0, 5, 6, 7, 98, 99, 100, 101, 106, 250}) {
            const auto now = due + std::chrono::minutes{minutes} + 5s;
            const auto whole = plan_catch_up(every_minute, policy, due, now);
            CatchUpPlan sum;
            sum.next = due;
            while (sum.next && *sum.next <= now) {
                const auto part = plan_catch_up(every_minute, policy, *sum.next, now, 7);
                EXPECT_LE(part.run.size() + part.missed.size(), 7u);
                EXPECT_GT(*part.next, *sum.next);
                sum.run.insert(sum.run.end(), part.run.begin(), part.run.end());
                sum.missed.insert(sum.missed.end(), part.missed.begin(), part.missed.end());
                sum.next = part.next;
            }
            EXPECT_EQ(sum.run, whole.run) << minutes;
            EXPECT_EQ(sum.missed, whole.missed) << minutes;
            EXPECT_EQ(sum.next, whole.next) << minutes;
        }
    }
}

TEST(CatchUp, ends_when_no_further_instant_comes) {
    const auto once = schedule("0 0 0 1 1 * 2026");
    const auto due = at("2026-01-01T00:00:00Z");
    const auto plan = plan_catch_up(once, CatchUp::run_latest, due, due);
    EXPECT_EQ(plan.run, std::vector{due});
    EXPECT_EQ(plan.next, std::nullopt);
}

}  // namespace
}  // namespace punkt

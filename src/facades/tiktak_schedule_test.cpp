#include "facades/tiktak_schedule.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt::tiktak {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-01T12:00:00.250Z");

struct Made {
    explicit Made(std::string_view text, std::string_view id = "daily", int retries = 2)
        : document(*json::Document::parse(text)), result(task_from(id, document.root(), {}, retries, now)) {}
    const Task& operator*() const { return *result; }
    std::vector<std::string> lines() const {
        std::vector<std::string> all;
        if (!result)
            for (const auto& [field, message] : result.error().fields) all.push_back(field + ": " + message);
        return all;
    }
    json::Document document;
    Result<Task> result;
};

/// A schedule with a good URL; `more` is appended.
Made with(std::string_view more) {
    return Made(R"({"callback_url":"https://example.com/tick",)" + std::string(more) + "}");
}

TEST(TiktakSchedule, posts_an_empty_body_three_times_at_most) {
    const Made made = with(R"("delay":5)");
    ASSERT_TRUE(made.result);
    EXPECT_EQ((*made).surface, Surface::tiktak);
    EXPECT_EQ((*made).foreign_id, "daily");
    EXPECT_EQ((*made).method, Method::post);
    EXPECT_FALSE((*made).body);
    EXPECT_EQ((*made).timeout, 30s);
    EXPECT_EQ((*made).priority, 5);
    EXPECT_EQ((*made).retry_attempts, 2);
    EXPECT_EQ((*made).retry->ladder, (std::vector<Milliseconds>{5s, 30s}));
    EXPECT_EQ((*made).retry->on.statuses, (std::vector<std::pair<int, int>>{{500, 599}}));
}

TEST(TiktakSchedule, counts_a_delay_from_its_acceptance_in_milliseconds) {
    EXPECT_EQ((*with(R"("delay":5)")).scheduled_at, now + 5s);
    EXPECT_EQ((*with(R"("delay":"5")")).scheduled_at, now + 5s);
    EXPECT_THAT(with(R"("delay":0)").lines(), ElementsAre("delay: must be greater than 0"));
    EXPECT_THAT(with(R"("delay":-1)").lines(), ElementsAre("delay: must be greater than 0"));
    EXPECT_THAT(with(R"("delay":1.5)").lines(), ElementsAre("delay: is invalid"));
    EXPECT_THAT(with(R"("delay":3153600001)").lines(), ElementsAre("delay: must be at most 100 years"));
}

TEST(TiktakSchedule, honours_the_offset_of_a_date_and_takes_none_for_utc) {
    EXPECT_EQ((*with(R"("date":"2099-06-01T12:00:00.50+02:00")")).scheduled_at,
              parse_rfc3339("2099-06-01T10:00:00.5Z"));
    EXPECT_EQ((*with(R"("date":"2099-06-01T12:00:00")")).scheduled_at, parse_rfc3339("2099-06-01T12:00:00Z"));
    EXPECT_EQ((*with(R"("date":"2022-12-18T15:00:00.00Z")")).scheduled_at, now) << "a date in the past runs at once";
    for (const char* wrong : {"2099-06-01", "12:00:00", "tomorrow", "2099-02-30T00:00:00Z"})
        EXPECT_THAT(with(fmt::format(R"("date":"{}")", wrong)).lines(),
                    ElementsAre("date: Date must be in ISO 8601 format"))
            << wrong;
}

TEST(TiktakSchedule, reads_cron_with_seconds_and_with_both_day_fields_matching) {
    const Made made = with(R"("cron":"0 0 0 13 * FRI 2099")");
    ASSERT_TRUE(made.result);
    EXPECT_EQ((*made).kind, TaskKind::cron);
    EXPECT_EQ((*made).dialect, CronDialect::and_);
    EXPECT_EQ((*made).next_run_at, parse_rfc3339("2099-02-13T00:00:00Z"));
    EXPECT_EQ((*with(R"("cron":"@hourly")")).next_run_at, parse_rfc3339("2026-03-01T13:00:00Z"));
    EXPECT_EQ((*with(R"("cron":"0 0 0 */2 4 *")")).next_run_at, parse_rfc3339("2026-04-02T00:00:00Z"));
}

TEST(TiktakSchedule, refuses_cron_that_the_contract_refuses) {
    for (const char* wrong :
         {"0 9 * * *", "0 0 9 * * * 2099 1", "60 0 9 * * *", "@reboot", "0 0 0 30 2 *", "nonsense"}) {
        const auto lines = with(fmt::format(R"("cron":"{}")", wrong)).lines();
        ASSERT_EQ(lines.size(), 1u) << wrong;
        EXPECT_THAT(lines[0], ::testing::StartsWith("cron: is not a valid cron expression (")) << wrong;
    }
    EXPECT_THAT(with(R"("cron":"0 0 9 * * * 2001")").lines(), ElementsAre("cron: has no run in the future"));
}

TEST(TiktakSchedule, wants_exactly_one_of_cron_date_and_delay) {
    constexpr const char* one = "cron: Exactly one of [cron, date, delay] is required";
    EXPECT_THAT(with(R"("priority":5)").lines(), ElementsAre(one));
    EXPECT_THAT(with(R"("delay":5,"date":"2099-01-01T00:00:00Z")").lines(), ElementsAre(one));
    EXPECT_THAT(with(R"("delay":5,"cron":"@daily","date":"2099-01-01T00:00:00Z")").lines(), ElementsAre(one));
    EXPECT_TRUE(with(R"("delay":5,"cron":null,"date":"")").result);
}

TEST(TiktakSchedule, lists_mistakes_in_the_order_of_the_contract) {
    EXPECT_THAT(Made(R"({"priority":0,"delay":[],"date":1,"cron":{},"callback_url":5})", "").lines(),
                ElementsAre("id: must be 1 to 255 characters", "callback_url: is invalid", "cron: is invalid",
                            "date: is invalid", "delay: is invalid", "priority: must be between 1 and 10"));
    EXPECT_THAT(Made("{}").lines(),
                ElementsAre("callback_url: can't be blank", "cron: Exactly one of [cron, date, delay] is required"));
}

TEST(TiktakSchedule, takes_priorities_from_1_to_10) {
    EXPECT_EQ((*with(R"("delay":5,"priority":"1")")).priority, 1);
    EXPECT_EQ((*with(R"("delay":5,"priority":10)")).priority, 10);
    for (const char* wrong : {"0", "11", "-1"})
        EXPECT_THAT(with(fmt::format(R"("delay":5,"priority":{})", wrong)).lines(),
                    ElementsAre("priority: must be between 1 and 10"));
}

TEST(TiktakSchedule, measures_ids_in_characters) {
    std::string id;
    for (int i = 0; i < 255; ++i) id += "é";
    EXPECT_TRUE(Made(R"({"callback_url":"https://e.com","delay":5})", id).result);
    EXPECT_FALSE(Made(R"({"callback_url":"https://e.com","delay":5})", id + "e").result);
}

TEST(TiktakSchedule, keeps_an_equal_cron_and_nothing_else) {
    const Task stored = *with(R"("cron":"0 0 9 * * *")");
    EXPECT_TRUE(is_same_cron(stored, *with(R"("cron":"0 0 9 * * *")")));
    EXPECT_FALSE(is_same_cron(stored, *with(R"("cron":"0 0 9 * * *","priority":1)")));
    EXPECT_FALSE(is_same_cron(stored, *with(R"("cron":"0 0 10 * * *")")));
    EXPECT_FALSE(is_same_cron(stored, *Made(R"({"callback_url":"https://e.com","cron":"0 0 9 * * *"})")));
    const Task once = *with(R"("delay":5)");
    EXPECT_FALSE(is_same_cron(once, once));
}

}  // namespace
}  // namespace punkt::tiktak

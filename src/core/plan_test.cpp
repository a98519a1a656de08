#include "core/plan.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

TEST(Plan, without_numbers_nothing_is_limited) {
    const Plan plan;
    for (const PlanField& field : plan_fields())
        EXPECT_EQ(plan.*field.place, field.place == &Plan::weight ? 1 : 0) << field.name;
}

TEST(Plan, every_field_can_be_set_by_its_name_and_says_its_range) {
    for (const PlanField& field : plan_fields()) {
        Plan plan;
        ASSERT_TRUE(set_plan_field(plan, field.name, "7")) << field.name;
        EXPECT_EQ(plan.*field.place, 7) << field.name;
        for (const char* bad : {"", "x", "-1", "7x", "9999999999999"}) {
            const auto refused = set_plan_field(plan, field.name, bad);
            ASSERT_FALSE(refused) << field.name << " " << bad;
            EXPECT_NE(refused.error().message.find("must be"), std::string::npos);
        }
        EXPECT_EQ(plan.*field.place, 7) << "a refused value changes nothing";
    }
    Plan plan;
    EXPECT_EQ(set_plan_field(plan, "tasks", "1").error().kind, ErrorKind::not_found);
    EXPECT_FALSE(set_plan_field(plan, "limit", "firm"));
    ASSERT_TRUE(set_plan_field(plan, "limit", "soft"));
    EXPECT_EQ(plan.limit, Plan::Limit::soft);
    ASSERT_TRUE(set_plan_field(plan, "min_cron_interval", "60m"));
    EXPECT_EQ(plan.min_cron_interval, 3600);
}

TEST(Plan, overrides_replace_what_they_name_and_all_mistakes_are_told) {
    Plan free{.name = "free", .executions_per_month = 100, .monitors = 3};
    const auto good = json::Document::parse(R"({"executions_per_month":500,"limit":"soft","monitors":0})");
    const auto plan = with_overrides(free, good->root());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(*plan, (Plan{.name = "free", .limit = Plan::Limit::soft, .executions_per_month = 500}));
    const auto bad = json::Document::parse(R"({"monitors":-1,"members":"many","price":3,"weight":null})");
    const auto refused = with_overrides(free, bad->root());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.size(), 4u) << refused.error().message;
}

TEST(Plan, names_are_plain_words) {
    for (const char* good : {"free", "pro-2", "a_b"}) EXPECT_TRUE(is_plan_name(good)) << good;
    for (const char* bad : {"", "default", "Free", "a b", "a.b", "0123456789012345678901234567890123"})
        EXPECT_FALSE(is_plan_name(bad)) << bad;
}

}  // namespace
}  // namespace punkt

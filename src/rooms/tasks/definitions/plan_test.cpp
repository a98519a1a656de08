#include "rooms/tasks/definitions/plan.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt::tasks {
namespace {

const Timestamp now = *parse_rfc3339("2026-03-01T08:59:30Z");
const PublicIds ids{PublicIds::Key{}};

Task a_cron_task(Id id, std::string name, std::string key = {}) {
    return {.id = id,
            .organization = 7,
            .kind = TaskKind::cron,
            .name = std::move(name),
            .url = "https://example.com/",
            .method = Method::get,
            .cron = "0 9 * * *",
            .key = std::move(key)};
}

struct Planned {
    Planned(std::string_view declared, const std::vector<Task>& existing, PlanOptions options = {})
        : document(*json::Document::parse(declared)) {
        options.now = now;
        plan = plan_tasks(document.root().elements(), existing, ids, options);
    }
    /// "update:a create:b"
    std::string actions() const {
        std::string text;
        for (const auto& task : plan.tasks)
            text += (text.empty() ? "" : " ") + std::string(word(task.action)) + ":" + task.name;
        return text;
    }
    json::Document document;
    Plan plan;
};

const PlanOptions whole{.reading = Reading::whole};

TEST(Plan, names_what_differs_field_by_field) {
    const Planned planned(R"([{"name":"a","url":"https://example.com/b","queue":"mail","timeout_ms":30000}])",
                          {a_cron_task(1, "a")});
    ASSERT_EQ(planned.actions(), "update:a");
    const auto& changes = planned.plan.tasks[0].changes;
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].field + changes[0].from + changes[0].to,
              R"(url"https://example.com/""https://example.com/b")");
    EXPECT_EQ(changes[1].field + changes[1].from + changes[1].to, R"(queuenull"mail")");
}

TEST(Plan, keeps_what_sync_leaves_out_and_resets_what_import_leaves_out) {
    Task task = a_cron_task(1, "a");
    task.queue = "mail";
    const char* declared =
        R"([{"name":"a","url":"https://example.com/","schedule_type":"cron","cron_expression":"0 9 * * *"}])";
    EXPECT_EQ(Planned(declared, {task}).actions(), "unchanged:a");
    const Planned import(declared, {task}, whole);
    ASSERT_EQ(import.actions(), "update:a");
    EXPECT_EQ(import.plan.tasks[0].after->queue, "");
    EXPECT_EQ(import.plan.tasks[0].after->id, 1);
    EXPECT_EQ(import.plan.tasks[0].after->version, 2);
}

TEST(Plan, finds_by_key_before_name) {
    const std::vector<Task> existing{a_cron_task(1, "a"), a_cron_task(2, "b", "the-key")};
    const Planned planned(R"([{"name":"a","key":"the-key"}])", existing);
    ASSERT_EQ(planned.actions(), "update:a");
    EXPECT_EQ(planned.plan.tasks[0].before->id, 2);
}

TEST(Plan, does_not_give_a_task_that_has_a_key_another_one) {
    const Planned planned(R"([{"name":"a","key":"new","url":"https://example.com/","cron":"@daily"}])",
                          {a_cron_task(1, "a", "old")});
    EXPECT_EQ(planned.actions(), "create:a");
}

TEST(Plan, counts_the_next_run_from_the_moment_since_when_a_task_is_held) {
    PlanOptions options;
    options.held.emplace(1, now + std::chrono::hours{1});
    const Planned planned(R"([{"name":"a","cron":"0 * * * *"}])", {a_cron_task(1, "a")}, options);
    EXPECT_EQ(planned.plan.tasks.at(0).after->next_run_at, parse_rfc3339("2026-03-01T10:00:00Z"));
}

TEST(Plan, imports_several_tasks_of_one_name_each_to_its_own) {
    const char* item =
        R"({"name":"a","url":"https://example.com/","schedule_type":"cron","cron_expression":"0 9 * * *"})";
    const std::string two = std::string("[") + item + "," + item + "]";
    EXPECT_EQ(Planned(two, {a_cron_task(1, "a"), a_cron_task(2, "a")}, whole).actions(), "unchanged:a unchanged:a");
    EXPECT_EQ(Planned(two, {a_cron_task(1, "a")}, whole).actions(), "unchanged:a create:a");
}

TEST(Plan, removes_in_sync_what_the_reference_would_and_in_import_all_that_is_left) {
    std::vector<Task> existing{a_cron_task(1, "a"), a_cron_task(2, "a"), a_cron_task(3, "b", "b-key")};
    existing.push_back(a_cron_task(4, "c", "c-key"));
    existing.back().kind = TaskKind::once;
    existing.back().scheduled_at = now + std::chrono::hours{1};
    existing.push_back(existing.back());
    existing.back().key = "over";
    existing.back().scheduled_at = now - std::chrono::hours{1};
    EXPECT_EQ(Planned("[]", existing, {.delete_removed = true}).actions(), "delete:a delete:b");
    EXPECT_EQ(Planned("[]", existing, {.reading = Reading::whole, .delete_removed = true}).actions(),
              "delete:a delete:a delete:b delete:c");
    EXPECT_EQ(Planned(R"([{"name":"a"}])", existing, {.delete_removed = true}).actions(), "unchanged:a delete:b");
}

TEST(Plan, leaves_a_one_time_task_alone_whose_time_has_passed) {
    Task task = a_cron_task(1, "launch", "launch");
    task.kind = TaskKind::once;
    task.cron.clear();
    task.scheduled_at = now - std::chrono::hours{24};
    const char* same =
        R"([{"key":"launch","name":"launch","url":"https://example.com/","schedule_type":"once","scheduled_at":"2026-02-28T08:59:30Z"}])";
    EXPECT_EQ(Planned(same, {task}, whole).actions(), "unchanged:launch");
    const Planned moved(
        R"([{"key":"launch","url":"https://example.com/","schedule_type":"once","scheduled_at":"2026-02-28T09:00:00Z"}])",
        {task}, whole);
    ASSERT_EQ(moved.plan.refused.size(), 1u);
    EXPECT_EQ(moved.plan.refused[0].error, "scheduled_at: must be in the future");
}

TEST(Plan, refuses_an_unknown_field_only_in_an_import) {
    const char* declared = R"([{"name":"a","url":"https://example.com/","cron":"@daily","timout_ms":5}])";
    EXPECT_EQ(Planned(declared, {}).actions(), "create:a");
    const Planned import(declared, {}, whole);
    ASSERT_EQ(import.plan.refused.size(), 1u);
    EXPECT_EQ(import.plan.refused[0].error, "timout_ms: is no field of a task");
}

TEST(Plan, names_each_expression_that_the_dialects_read_differently) {
    const Planned planned(
        R"([{"name":"a","cron":"0 0 13 * 5"},{"name":"b","url":"https://example.com/","cron":"@daily"}])",
        {a_cron_task(1, "a")});
    ASSERT_EQ(planned.plan.ambiguous.size(), 1u);
    EXPECT_EQ(planned.plan.ambiguous[0].cron, "0 0 13 * 5");
}

}  // namespace
}  // namespace punkt::tasks

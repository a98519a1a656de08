#include "rooms/tasks/task_rules.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt::tasks {
namespace {

const Timestamp now = *parse_rfc3339("2026-03-01T08:59:30.250Z");

std::string field_names(const Error& error) {
    std::string names;
    for (const auto& [field, message] : error.fields) names += field + " ";
    return names;
}

struct Made {
    explicit Made(std::string_view text, Rules rules = {}) : document(*json::Document::parse(text)) {
        api::FieldReader fields(document.root());
        result = new_task(fields, rules, now);
    }
    const Task& operator*() const { return *result; }
    json::Document document;
    Result<Task> result = Task{};
};

Result<Task> changed(const Task& task, std::string_view text) {
    const auto document = json::Document::parse(text);
    api::FieldReader fields(document->root());
    return updated_task(task, fields, {}, now);
}

Rules private_allowed() {
    Rules rules;
    rules.guard = *net::AddressGuard::create("1");
    return rules;
}

TEST(NewTask, runs_at_once_when_only_a_url_is_given) {
    const Made made(R"({"url":" https://example.com/hook "})");
    ASSERT_TRUE(made.result);
    EXPECT_EQ((*made).url, "https://example.com/hook");
    EXPECT_EQ((*made).method, Method::post);
    EXPECT_EQ((*made).scheduled_at, now);
    EXPECT_EQ((*made).retry_attempts, 5);
    EXPECT_EQ((*made).timeout, Milliseconds{30'000});
    EXPECT_EQ((*made).name, "https://example.com/hook · 01 Mar, 08:59");
}

TEST(NewTask, takes_cron_before_delay_before_run_at) {
    const std::string all = R"("url":"https://example.com","run_at":"2027-01-01T00:00:00Z")";
    EXPECT_EQ((*Made("{" + all + R"(,"delay":"5m","cron":"0 9 * * *"})")).kind, TaskKind::cron);
    EXPECT_EQ((*Made("{" + all + R"(,"delay":"5m"})")).scheduled_at, now + std::chrono::minutes{5});
    EXPECT_EQ((*Made("{" + all + R"(,"delay":false})")).scheduled_at, parse_rfc3339("2027-01-01T00:00:00Z"));
}

TEST(NewTask, accepts_both_spellings_but_not_two_meanings) {
    EXPECT_EQ((*Made(R"({"url":"https://e.com","cron_expression":"0 9 * * *","cron":"0 9 * * *"})")).cron, "0 9 * * *");
    EXPECT_EQ((*Made(R"({"url":"https://e.com","scheduled_at":1800000000123})")).scheduled_at, from_ms(1800000000123));
    const Made two(R"({"url":"https://e.com","cron":"0 9 * * *","cron_expression":"1 9 * * *"})");
    ASSERT_FALSE(two.result);
    EXPECT_EQ(field_names(two.result.error()), "cron cron_expression ");
}

TEST(NewTask, reads_every_form_of_delay_and_refuses_the_rest) {
    const auto due = [](std::string_view delay) {
        return (*Made(R"({"url":"https://e.com","delay":)" + std::string(delay) + "}")).scheduled_at.value() - now;
    };
    EXPECT_EQ(due("90"), std::chrono::seconds{90});
    EXPECT_EQ(due(R"("90s")"), std::chrono::seconds{90});
    EXPECT_EQ(due(R"("2h")"), std::chrono::hours{2});
    EXPECT_EQ(due(R"("30d")"), std::chrono::hours{30 * 24});
    for (const char* wrong :
         {R"("0s")", "0", "-5", R"("30")", R"("abc")", R"("")", "1.5", "[]", "{}", R"("99999999d")"}) {
        const Made made(R"({"url":"https://e.com","delay":)" + std::string(wrong) + "}");
        ASSERT_FALSE(made.result) << wrong;
        EXPECT_EQ(made.result.error().code, "invalid_delay") << wrong;
    }
}

TEST(NewTask, runs_a_time_up_to_five_minutes_past_at_once_and_refuses_older_ones) {
    EXPECT_EQ((*Made(R"({"url":"https://e.com","run_at":"2026-03-01T08:55:00Z"})")).scheduled_at,
              parse_rfc3339("2026-03-01T08:55:00Z"));
    const Made old(R"({"url":"https://e.com","run_at":"2026-03-01T08:54:00Z"})");
    ASSERT_FALSE(old.result);
    EXPECT_EQ(old.result.error().message, "scheduled_at must be in the future");
    for (const char* wrong : {R"("tomorrow")", R"("2026-03-01")", "true", "[]", "-1"}) {
        const Made made(R"({"url":"https://e.com","run_at":)" + std::string(wrong) + "}");
        ASSERT_FALSE(made.result) << wrong;
        EXPECT_EQ(made.result.error().code, "invalid_run_at") << wrong;
    }
}

TEST(NewTask, checks_the_time_zone_of_a_one_time_task_too) {
    const Made made(R"({"url":"https://e.com","timezone":"Europe/Atlantis"})");
    ASSERT_FALSE(made.result);
    EXPECT_EQ(field_names(made.result.error()), "timezone ");
}

TEST(NewTask, measures_a_name_in_characters_not_in_bytes) {
    std::string name;
    for (int i = 0; i < 255; ++i) name += "é";
    EXPECT_TRUE(Made(R"({"url":"https://e.com","name":")" + name + "\"}").result);
    EXPECT_FALSE(Made(R"({"url":"https://e.com","name":")" + name + "e\"}").result);
}

TEST(NewTask, names_all_wrong_fields_at_once) {
    const Made made(R"({"url":"ftp://e.com","method":"get","timeout_ms":5,"retry_attempts":11,"priority":0,
        "headers":[],"body":7,"expected_status_codes":"200,9000","callback_url":"nope","timezone":"Europe/Olso",
        "overlap":"maybe","cron":"0 9 * * *"})");
    ASSERT_FALSE(made.result);
    EXPECT_EQ(field_names(made.result.error()),
              "url method headers body timeout_ms retry_attempts priority callback_url expected_status_codes overlap "
              "timezone ");
}

TEST(NewTask, gives_a_recurring_task_its_next_instant) {
    const Made made(R"({"url":"https://e.com","cron":"30 9 * * *","timezone":"Europe/Oslo"})");
    ASSERT_TRUE(made.result) << made.result.error().message;
    EXPECT_EQ((*made).next_run_at, parse_rfc3339("2026-03-02T08:30:00Z"));
    EXPECT_EQ((*made).method, Method::get);
    EXPECT_EQ((*made).name, "Cron: https://e.com");
    EXPECT_FALSE((*Made(R"({"url":"https://e.com","cron":"30 9 * * *","enabled":false})")).next_run_at);
}

TEST(NewTask, refuses_expressions_that_never_match) {
    const Made made(R"({"url":"https://e.com","cron":"0 0 30 2 *"})");
    ASSERT_FALSE(made.result);
    EXPECT_EQ(field_names(made.result.error()), "cron_expression ");
}

TEST(NewTask, encodes_objects_and_keeps_bytes) {
    const Made json(R"({"url":"https://e.com","body":{"a":[1,2]}})");
    EXPECT_EQ((*json).body, R"({"a":[1,2]})");
    EXPECT_EQ((*json).headers, (Headers{{"content-type", "application/json"}}));
    const Made own_type(R"({"url":"https://e.com","body":[1],"headers":{"Content-Type":"text/plain","X-N":3}})");
    EXPECT_EQ((*own_type).headers, (Headers{{"Content-Type", "text/plain"}, {"X-N", "3"}}));
    EXPECT_EQ((*Made(R"({"url":"https://e.com","body_base64":"AP8="})")).body, std::string("\x00\xff", 2));
    EXPECT_EQ(field_names(Made(R"({"url":"https://e.com","body_base64":"A","x":1})").result.error()), "body_base64 ");
    EXPECT_EQ(field_names(Made(R"({"url":"https://e.com","body":"x","body_base64":"AA=="})").result.error()), "body ");
}

TEST(NewTask, limits_the_body) {
    const std::string fits(limits::body_bytes_default, 'x');
    EXPECT_TRUE(Made(R"({"url":"https://e.com","body":")" + fits + "\"}").result);
    const Made over(R"({"url":"https://e.com","body":")" + fits + "x\"}");
    ASSERT_FALSE(over.result);
    EXPECT_EQ(over.result.error().fields[0].message, "must be less than 256KB");
}

TEST(NewTask, refuses_headers_that_would_break_the_wire) {
    for (const char* headers : {R"({"a b":"1"})", R"({"":"1"})", R"({"a":"x\r\ny: z"})", R"({"a":"\u0000"})",
                                R"({"a":["1"]})", R"({"a:":"1"})"}) {
        const Made made(R"({"url":"https://e.com","headers":)" + std::string(headers) + "}");
        ASSERT_FALSE(made.result) << headers;
        EXPECT_EQ(field_names(made.result.error()), "headers ") << headers;
    }
}

TEST(NewTask, refuses_literal_private_targets_unless_they_are_allowed) {
    EXPECT_EQ(field_names(Made(R"({"url":"http://127.0.0.1/x"})").result.error()), "url ");
    EXPECT_EQ(field_names(Made(R"({"url":"http://localhost:9/x"})").result.error()), "url ");
    EXPECT_TRUE(Made(R"({"url":"http://127.0.0.1/x"})", private_allowed()).result);
}

TEST(NewTask, reads_a_retry_policy_and_names_what_is_wrong_in_it) {
    const Made made(
        R"({"url":"https://e.com","retry":{"strategy":"ladder","ladder_ms":[1000,5000],"jitter":0,"on":["5xx",429,"timeout","410-412"]}})");
    ASSERT_TRUE(made.result) << made.result.error().message;
    const RetryPolicy& policy = *(*made).retry;
    EXPECT_EQ(policy.ladder, (std::vector<Milliseconds>{Milliseconds{1000}, Milliseconds{5000}}));
    EXPECT_EQ(policy.on.statuses, (std::vector<std::pair<int, int>>{{500, 599}, {429, 429}, {410, 412}}));
    EXPECT_TRUE(policy.on.timeout);
    EXPECT_FALSE(policy.on.transport);
    const Made wrong(
        R"({"url":"https://e.com","retry":{"strategy":"fast","initial_ms":0,"ladder_ms":[0],"on":["6xx"]}})");
    ASSERT_FALSE(wrong.result);
    EXPECT_EQ(field_names(wrong.result.error()), "retry.ladder_ms retry.on retry.strategy retry.initial_ms ");
    for (const char* on : {"", "200,404", " "}) {
        const Made list(std::string(R"({"url":"https://e.com","retry":{"on":[")") + on + "\"]}}");
        ASSERT_FALSE(list.result) << on;
        EXPECT_EQ(field_names(list.result.error()), "retry.on ");
    }
}

TEST(UpdatedTask, keeps_what_is_not_mentioned) {
    const Task task = *Made(R"({"url":"https://e.com","queue":"mail","delay":"1h","body":"x"})");
    const auto renamed = changed(task, R"({"name":"new"})");
    ASSERT_TRUE(renamed) << renamed.error().message;
    EXPECT_EQ(renamed->name, "new");
    EXPECT_EQ(renamed->queue, "mail");
    EXPECT_EQ(renamed->body, "x");
    EXPECT_EQ(renamed->scheduled_at, task.scheduled_at);
    EXPECT_EQ(renamed->version, 2);
}

TEST(UpdatedTask, clears_what_is_null) {
    const Task task = *Made(R"({"url":"https://e.com","queue":"mail","body":"x","retry":{"strategy":"fixed"}})");
    const auto cleared = changed(task, R"({"queue":null,"body":null,"retry":null,"name":""})");
    ASSERT_TRUE(cleared) << cleared.error().message;
    EXPECT_EQ(cleared->queue, "");
    EXPECT_FALSE(cleared->body);
    EXPECT_FALSE(cleared->retry);
    EXPECT_EQ(cleared->name, "e.com");
}

TEST(UpdatedTask, recomputes_the_next_instant_of_a_cron_task) {
    const Task task = *Made(R"({"url":"https://e.com","cron":"30 9 * * *"})");
    EXPECT_EQ(changed(task, R"({"cron_expression":"0 10 * * *"})")->next_run_at, parse_rfc3339("2026-03-01T10:00:00Z"));
    EXPECT_FALSE(changed(task, R"({"enabled":false})")->next_run_at);
    EXPECT_FALSE(changed(task, R"({"cron_expression":""})"));
}

TEST(UpdatedTask, is_not_due_again_when_its_shown_time_is_sent_back) {
    const Task task = *Made(R"({"url":"https://e.com"})");
    const auto same = changed(task, R"({"scheduled_at":"2026-03-01T08:59:30Z"})");
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(same->scheduled_at, now);
    EXPECT_FALSE(changed(task, R"({"scheduled_at":"2026-03-01T08:59:29Z"})"));
}

TEST(UpdatedTask, refuses_a_time_in_the_past_and_a_cron_for_a_one_time_task) {
    const Task task = *Made(R"({"url":"https://e.com","delay":"1h"})");
    EXPECT_EQ(field_names(changed(task, R"({"scheduled_at":"2026-03-01T08:00:00Z"})").error()), "scheduled_at ");
    EXPECT_EQ(field_names(changed(task, R"({"cron":"* * * * *"})").error()), "cron_expression ");
}

}  // namespace
}  // namespace punkt::tasks

#include "facades/qron_job.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt::qron {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-01T12:00:00.250Z");
constexpr const char* bad_url = "Target must be a valid URL";
constexpr const char* bad_delay = "Delay must be at least 0 milliseconds";
constexpr const char* no_integer = "delay must be an integer number";

struct Made {
    explicit Made(std::string_view text, const tasks::Rules& rules = {}, bool backoff_is_fixed = false)
        : document(*json::Document::parse(text)), result(job_from(document.root(), rules, backoff_is_fixed, now)) {}
    const Task& task() const { return result->task; }
    std::vector<std::string> messages() const {
        std::vector<std::string> all;
        if (!result)
            for (const auto& field : result.error().fields) all.push_back(field.message);
        return all;
    }
    json::Document document;
    Result<Job> result;
};

/// A job for a good target and a delay of a second; `more` is appended.
Made with(std::string_view more, bool backoff_is_fixed = false) {
    return Made(R"({"targetUrl":"https://example.com/hook","delay":1000)" + std::string(more) + "}", {},
                backoff_is_fixed);
}

TEST(QronJob, is_a_task_due_after_its_delay) {
    const Made job = with("");
    ASSERT_TRUE(job.result);
    EXPECT_EQ(job.task().surface, Surface::qron);
    EXPECT_EQ(job.task().url, "https://example.com/hook");
    EXPECT_EQ(job.task().method, Method::post);
    EXPECT_EQ(job.task().scheduled_at, now + 1s);
    EXPECT_EQ(job.task().timeout, 30s);
    EXPECT_FALSE(job.task().body);
    EXPECT_TRUE(job.task().headers.empty());
    EXPECT_EQ(job.result->data, R"({"url":"https://example.com/hook","method":"POST"})");
}

TEST(QronJob, is_tried_three_times_after_3_and_9_seconds_or_as_far_apart_when_fixed) {
    EXPECT_EQ(with("").task().retry_attempts, 2);
    EXPECT_EQ(with("").task().retry->strategy, RetryPolicy::Strategy::qron);
    EXPECT_EQ(with("", true).task().retry->strategy, RetryPolicy::Strategy::fixed);
    EXPECT_EQ(with("").task().retry->initial, 3s);
    EXPECT_EQ(with("").task().retry->jitter, 0);
}

TEST(QronJob, names_every_mistake_in_the_order_of_the_contract) {
    EXPECT_THAT(Made("{}").messages(), ElementsAre(bad_url, bad_delay, no_integer));
    EXPECT_THAT(Made(R"({"headers":5,"method":"post","payload":[1],"delay":-1,"targetUrl":""})").messages(),
                ElementsAre(bad_url, bad_delay, "payload must be an object",
                            "method must be one of the following values: GET, POST, PUT, DELETE, PATCH",
                            "headers must be an object"));
}

TEST(QronJob, takes_a_delay_of_whole_milliseconds_only) {
    const auto messages = [](const std::string& delay) {
        return Made(R"({"targetUrl":"https://example.com","delay":)" + delay + "}").messages();
    };
    EXPECT_THAT(messages("0"), ElementsAre());
    EXPECT_THAT(messages("-1"), ElementsAre(bad_delay));
    EXPECT_THAT(messages("3153600000000"), ElementsAre());
    EXPECT_THAT(messages("3153600000001"), ElementsAre("Delay must be at most 100 years"));
    for (const char* wrong : {"\"1000\"", "1000.5", "1e3", "true", "null", "[1000]"})
        EXPECT_THAT(messages(wrong), ElementsAre(bad_delay, no_integer)) << wrong;
}

TEST(QronJob, takes_plain_web_addresses_only) {
    for (const char* wrong : {"example.com", "ftp://example.com", "http://", "http://localhost/", "http://127.0.0.1",
                              "http://[::1]/", "http://10.0.0.1/"})
        EXPECT_THAT(Made(fmt::format(R"({{"targetUrl":"{}","delay":0}})", wrong)).messages(), ElementsAre(bad_url))
            << wrong;
    tasks::Rules open;
    open.guard = *net::AddressGuard::create("1");
    EXPECT_TRUE(Made(R"({"targetUrl":"http://127.0.0.1:3000/x","delay":0})", open).result);
}

TEST(QronJob, refuses_methods_that_qron_does_not_know) {
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"})
        EXPECT_TRUE(with(fmt::format(R"(,"method":"{}")", method)).result) << method;
    for (const char* method : {R"("HEAD")", R"("OPTIONS")", R"("get")", R"("")", "5"})
        EXPECT_FALSE(with(fmt::format(R"(,"method":{})", method)).result) << method;
    EXPECT_EQ(with(R"(,"method":null)").task().method, Method::post);
}

TEST(QronJob, sends_the_payload_as_json_unless_it_is_a_get) {
    const Made post = with(R"(,"payload":{"b":1,"a":[null]})");
    EXPECT_EQ(post.task().body, R"({"b":1,"a":[null]})");
    EXPECT_EQ(post.task().headers, (Headers{{"content-type", "application/json"}}));
    EXPECT_EQ(post.result->data, R"({"url":"https://example.com/hook","payload":{"b":1,"a":[null]},"method":"POST"})");
    const Made own = with(R"(,"payload":{},"headers":{"Content-Type":"text/x"})");
    EXPECT_EQ(own.task().headers, (Headers{{"Content-Type", "text/x"}}));
    EXPECT_FALSE(with(R"(,"payload":null)").task().body);
}

TEST(QronJob, puts_the_payload_of_a_get_into_the_query) {
    const Made job = with(R"(,"method":"GET","payload":{"a b":"c&d","deep":{"x":1.5},"list":[1,"é"],"no":null})");
    EXPECT_EQ(job.task().url, "https://example.com/hook?a%20b=c%26d&deep[x]=1.5&list[]=1&list[]=%C3%A9");
    EXPECT_FALSE(job.task().body);
    EXPECT_THAT(job.result->data, ::testing::HasSubstr(R"("url":"https://example.com/hook",)"));
}

TEST(QronJob, masks_secrets_in_what_it_shows_but_sends_them) {
    const Made job = with(R"(,"headers":{"Authorization":"Bearer x","X-Api-Key":"y","Cookie":"z","X-Shop":"5"})");
    EXPECT_EQ(job.result->data, R"({"url":"https://example.com/hook","method":"POST","headers":)"
                                R"({"Authorization":"***","X-Api-Key":"***","Cookie":"***","X-Shop":"5"}})");
    EXPECT_EQ(job.task().headers.front().second, "Bearer x");
}

Execution attempt(int number, Status status, std::optional<int> code, std::string error = {}) {
    return {.attempt = number,
            .status = status,
            .started_at = now + std::chrono::seconds{number},
            .finished_at = now + std::chrono::seconds{number} + 100ms,
            .status_code = code,
            .error_message = std::move(error)};
}

View view_with(std::vector<Execution> executions, std::optional<Timestamp> due = std::nullopt) {
    View view{.seq = 7, .created_at = now, .data = "{}", .executions = std::move(executions), .timeout = 30s};
    if (due) view.timer = Timer{.id = 1, .due = *due};
    return view;
}

/// One member of the answer, as JSON.
std::string member(const View& view, const char* name) {
    const std::string text = view_text(view, now);
    const auto document = json::Document::parse(text);
    return document->root()[name].text();
}

TEST(QronJobView, has_all_keys_in_the_contracts_order) {
    EXPECT_EQ(view_text(view_with({}, now + 1h), now),
              R"({"id":"7","state":"delayed","progress":0,"attemptsMade":0,"createdAt":"2026-03-01T12:00:00.250Z",)"
              R"("finishedAt":null,"processedAt":null,"data":{},"result":null,"error":null})");
}

TEST(QronJobView, knows_the_state_from_what_waits_and_what_happened) {
    EXPECT_EQ(member(view_with({}, now + 1ms), "state"), R"("delayed")");
    EXPECT_EQ(member(view_with({}, now), "state"), R"("waiting")");
    View active = view_with({}, now);
    active.is_running = true;
    EXPECT_EQ(member(active, "state"), R"("active")");
    EXPECT_EQ(member(view_with({attempt(1, Status::success, 200)}), "state"), R"("completed")");
    EXPECT_EQ(member(view_with({attempt(1, Status::failed, 500)}, now + 3s), "state"), R"("delayed")");
    EXPECT_EQ(member(view_with({attempt(1, Status::failed, 500), attempt(2, Status::failed, 500),
                                attempt(3, Status::failed, 500)}),
                     "state"),
              R"("failed")");
}

TEST(QronJobView, counts_failed_attempts_and_keeps_the_last_reason) {
    const View retried = view_with({attempt(1, Status::failed, 502), attempt(2, Status::success, 201)});
    EXPECT_EQ(member(retried, "attemptsMade"), "1");
    EXPECT_EQ(member(retried, "error"), R"("Request failed with status code 502")");
    EXPECT_EQ(member(retried, "processedAt"), R"("2026-03-01T12:00:02.250Z")");
    EXPECT_EQ(member(retried, "finishedAt"), R"("2026-03-01T12:00:02.350Z")");
    EXPECT_EQ(member(view_with({attempt(1, Status::timeout, std::nullopt, "Request timed out")}, now + 3s), "error"),
              R"("timeout of 30000ms exceeded")");
    EXPECT_EQ(
        member(view_with({attempt(1, Status::failed, std::nullopt, "Transport error: :closed")}, now + 3s), "error"),
        R"("Transport error: :closed")");
}

TEST(QronJobView, is_not_finished_while_a_retry_waits) {
    EXPECT_EQ(member(view_with({attempt(1, Status::failed, 500)}, now + 3s), "finishedAt"), "null");
    EXPECT_EQ(member(view_with({attempt(1, Status::failed, 500)}, now + 3s), "result"), "null");
}

TEST(QronJobView, shows_an_answer_as_json_where_it_is_some_and_as_text_elsewhere) {
    Execution done = attempt(1, Status::success, 200);
    done.response_body = R"({"a": [1, null]})";
    EXPECT_EQ(member(view_with({done}), "result"), R"({"status":200,"data":{"a":[1,null]}})");
    done.response_body = "plain";
    EXPECT_EQ(member(view_with({done}), "result"), R"({"status":200,"data":"plain"})");
    done.response_body = "5";
    EXPECT_EQ(member(view_with({done}), "result"), R"({"status":200,"data":5})");
    done.response_body = "\xff";
    EXPECT_EQ(member(view_with({done}), "result"), "{\"status\":200,\"data\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace punkt::qron

#include "core/verdict.h"

#include <gtest/gtest.h>

#include "core/retry.h"

namespace punkt {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp now = from_ms(1'800'000'000'000);

class VerdictTest : public ::testing::Test {
  protected:
    VerdictTest() { task.retry_attempts = 3; }
    Verdict judged(const Answer& answer, int attempt = 1) {
        SeededRandom random(1);
        RetryPolicy standard = standard_retry_policy(5s);
        standard.jitter = 0;
        return judge(task, answer, attempt, standard, now, random);
    }
    Task task;
};

TEST_F(VerdictTest, any_2xx_is_a_success_and_ends_the_run) {
    for (const int code : {200, 201, 204, 299}) {
        const Verdict verdict = judged({.status = code});
        EXPECT_EQ(verdict.status, Status::success) << code;
        EXPECT_EQ(verdict.error, "");
        EXPECT_FALSE(verdict.retry_at);
    }
}

TEST_F(VerdictTest, every_other_status_fails_names_itself_and_is_retried) {
    for (const int code : {199, 300, 404, 500}) {
        const Verdict verdict = judged({.status = code});
        EXPECT_EQ(verdict.status, Status::failed);
        EXPECT_EQ(verdict.error, "HTTP " + std::to_string(code));
        EXPECT_EQ(verdict.retry_at, now + 20s);
    }
}

TEST_F(VerdictTest, a_listed_status_is_a_success_and_a_2xx_that_is_not_listed_is_none) {
    task.expected_status_codes = "404, 500-502";
    EXPECT_EQ(judged({.status = 404}).status, Status::success);
    EXPECT_EQ(judged({.status = 501}).status, Status::success);
    EXPECT_EQ(judged({.status = 200}).error, "Assertion failed: status 200 not in [404, 500-502]");
}

TEST_F(VerdictTest, the_pattern_is_looked_for_literally_and_only_after_the_status) {
    task.expected_body_pattern = "a.c";
    EXPECT_EQ(judged({.status = 200, .body = "xx a.c xx"}).status, Status::success);
    EXPECT_EQ(judged({.status = 200, .body = "abc"}).error, "Assertion failed: response body does not contain \"a.c\"");
    EXPECT_EQ(judged({.status = 500, .body = "abc"}).error, "HTTP 500");
}

TEST_F(VerdictTest, a_timeout_has_a_status_of_its_own) {
    const Verdict verdict = judged({.failure = Failure::timeout, .error = "no answer after 30 s"});
    EXPECT_EQ(verdict.status, Status::timeout);
    EXPECT_EQ(verdict.error, "Request timed out");
    EXPECT_TRUE(verdict.retry_at);
}

TEST_F(VerdictTest, a_transport_error_says_what_happened_in_the_references_word_and_in_a_sentence) {
    const std::vector<std::tuple<Failure, const char*, const char*>> cases{
        {Failure::connect, "connection refused by 127.0.0.1:9", ":econnrefused (connection refused by 127.0.0.1:9)"},
        {Failure::connect, "no way to 10.0.0.1:80", ":ehostunreach (no way to 10.0.0.1:80)"},
        {Failure::dns, "no address", ":nxdomain (no address)"},
        {Failure::blocked, "private", ":blocked (private)"},
        {Failure::tls, "expired", ":tls_alert (expired)"},
        {Failure::connection, "reset", ":closed (reset)"},
        {Failure::protocol, "no HTTP", ":protocol (no HTTP)"}};
    for (const auto& [failure, error, expected] : cases) {
        const Verdict verdict = judged({.failure = failure, .error = error});
        EXPECT_EQ(verdict.status, Status::failed);
        EXPECT_EQ(verdict.error, std::string("Transport error: ") + expected);
        EXPECT_TRUE(verdict.retry_at);
    }
}

TEST_F(VerdictTest, a_redirect_that_is_not_followed_fails_with_its_own_words) {
    const Verdict verdict = judged({.failure = Failure::redirect, .error = "302 to http://x/", .status = 302});
    EXPECT_EQ(verdict.status, Status::failed);
    EXPECT_EQ(verdict.error, "302 to http://x/");
}

TEST_F(VerdictTest, retries_as_often_as_the_task_says) {
    EXPECT_TRUE(judged({.status = 500}, 3).retry_at);
    EXPECT_FALSE(judged({.status = 500}, 4).retry_at);
    task.retry_attempts = 0;
    EXPECT_FALSE(judged({.status = 500}, 1).retry_at);
}

TEST_F(VerdictTest, gone_and_no_retry_end_the_run) {
    EXPECT_FALSE(judged({.status = 410}).retry_at);
    EXPECT_FALSE(judged({.status = 500, .no_retry = true}).retry_at);
}

TEST_F(VerdictTest, retry_after_replaces_the_delay_on_429_and_503_only) {
    EXPECT_EQ(judged({.status = 429, .retry_after = "3"}).retry_at, now + 3s);
    EXPECT_EQ(judged({.status = 503, .retry_after = "120"}).retry_at, now + 120s);
    EXPECT_EQ(judged({.status = 500, .retry_after = "120"}).retry_at, now + 20s);
    EXPECT_EQ(judged({.status = 503, .retry_after = "1000000"}).retry_at, now + 1h);
    EXPECT_EQ(judged({.status = 503, .retry_after = "soon"}).retry_at, now + 20s);
    EXPECT_EQ(judged({.status = 503, .retry_after = "Fri, 15 Jan 2027 08:01:00 GMT"}).retry_at, now + 1min);
}

TEST_F(VerdictTest, the_tasks_own_policy_goes_before_the_standard_one) {
    task.retry = RetryPolicy{.strategy = RetryPolicy::Strategy::fixed, .initial = 1s, .jitter = 0};
    EXPECT_EQ(judged({.status = 500}).retry_at, now + 1s);
}

TEST_F(VerdictTest, retries_only_what_the_policy_names) {
    RetryPolicy policy{.strategy = RetryPolicy::Strategy::fixed, .jitter = 0};
    policy.on = {.transport = false, .timeout = true, .statuses = {{429, 429}, {500, 504}}, .assertion = false};
    task.retry = policy;
    EXPECT_TRUE(judged({.status = 429}).retry_at);
    EXPECT_TRUE(judged({.status = 504}).retry_at);
    EXPECT_FALSE(judged({.status = 505}).retry_at);
    EXPECT_FALSE(judged({.status = 404}).retry_at);
    EXPECT_TRUE(judged({.failure = Failure::timeout}).retry_at);
    EXPECT_FALSE(judged({.failure = Failure::connect}).retry_at);
    task.expected_body_pattern = "ok";
    EXPECT_FALSE(judged({.status = 200, .body = "no"}).retry_at);
}

TEST(StatusList, knows_codes_classes_and_ranges) {
    EXPECT_TRUE(status_expected("", 204));
    EXPECT_FALSE(status_expected("", 301));
    EXPECT_TRUE(status_expected(" ", 204));
    EXPECT_TRUE(status_expected("200", 200));
    EXPECT_FALSE(status_expected("200", 201));
    EXPECT_TRUE(status_expected("2xx,404", 404));
    EXPECT_TRUE(status_expected("2XX", 299));
    EXPECT_TRUE(status_expected("200 - 204, 3xx", 301));
    EXPECT_FALSE(status_expected("200-204", 205));
}

TEST(StatusRange, reads_one_status_class_or_range) {
    EXPECT_EQ(status_range("404"), std::pair(404, 404));
    EXPECT_EQ(status_range(" 5XX "), std::pair(500, 599));
    EXPECT_EQ(status_range("200-299"), std::pair(200, 299));
    for (const char* none : {"", " ", "200,404", "2", "600", "299-200", "timeout"})
        EXPECT_FALSE(status_range(none)) << none;
}

TEST(StatusList, names_the_part_that_is_wrong) {
    for (const char* good : {"", "200", "200,404", "2xx", "100-599", " 200 , 5xx "})
        EXPECT_TRUE(check_status_list(good)) << good;
    for (const char* bad : {"99", "600", "abc", "6xx", "0xx", "300-200", "200,,404", "200,", "2x", "20x", "-200",
                            "+200", "200-", "2e2"}) {
        const auto checked = check_status_list(bad);
        EXPECT_FALSE(checked) << bad;
    }
    const auto wrong = check_status_list("200,abc");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("'abc'"), std::string::npos);
}

}  // namespace
}  // namespace punkt

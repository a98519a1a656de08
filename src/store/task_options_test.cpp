#include "store/task_options.h"

#include <gtest/gtest.h>

namespace punkt::store {
namespace {

TEST(TaskOptions, a_plain_task_stores_none) {
    EXPECT_EQ(options_text(Task{}), "");
    EXPECT_TRUE(read_options("", *std::make_unique<Task>()));
}

TEST(TaskOptions, everything_comes_back) {
    Task task;
    task.headers = {{"X-A", "1"}, {"x-a", "\"2\""}};
    task.cron = "*/5 * * * *";
    task.timezone = "Europe/Oslo";
    task.dialect = CronDialect::and_;
    task.catch_up = CatchUp::run_all;
    task.overlap = Overlap::queue;
    task.timeout = Milliseconds{1'234};
    task.retry_attempts = 0;
    task.retry =
        RetryPolicy{.strategy = RetryPolicy::Strategy::ladder,
                    .initial = Milliseconds{7},
                    .factor = 1.5,
                    .max = Milliseconds{9},
                    .ladder = {Milliseconds{1}, Milliseconds{2}},
                    .jitter = 0.25,
                    .on = {.transport = false, .timeout = false, .statuses = {{500, 599}}, .assertion = false}};
    task.follow_redirects = true;
    task.priority = 1;
    task.callback_url = "http://a.test";
    task.expected_status_codes = "200,201";
    task.expected_body_pattern = "ok";
    task.notify_on_failure = false;
    task.notify_on_recovery = true;
    task.on_failure_url = "http://b.test";
    task.on_recovery_url = "http://c.test";
    task.foreign_id = "17";
    task.expected_body_regex = "^o.k$";
    task.expected_json = {{"$.state", "\"ok\""}};
    task.expected_latency_max = Milliseconds{250};
    task.key_limits = {{.key = "customer:1", .concurrency = 2},
                       {.key = "host", .rate = Rate{.count = 5, .period = Milliseconds{60'000}, .burst = 2}}};
    task.expires_at = from_ms(1'700'000'000'123);
    task.key = "nightly";
    task.tags = {"billing", "eu"};
    task.metadata = R"({"customer":42})";
    task.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    task.tracestate = "a=b";
    task.purpose = Purpose::callback;
    task.parent = 99;

    Task read;
    ASSERT_TRUE(read_options(options_text(task), read));
    EXPECT_EQ(options_text(read), options_text(task));
    EXPECT_EQ(read.headers, task.headers);
    ASSERT_TRUE(read.retry);
    EXPECT_TRUE(*read.retry == *task.retry);
    EXPECT_EQ(read.timeout, task.timeout);
    EXPECT_EQ(read.notify_on_failure, false);
    EXPECT_EQ(read.foreign_id, "17");
    EXPECT_EQ(read.expected_json, task.expected_json);
    EXPECT_EQ(read.expected_latency_max, task.expected_latency_max);
    EXPECT_EQ(read.key_limits, task.key_limits);
    EXPECT_EQ(read.expires_at, task.expires_at);
    EXPECT_EQ(read.tags, task.tags);
    EXPECT_EQ(read.metadata, task.metadata);
    EXPECT_EQ(read.purpose, Purpose::callback);
    EXPECT_EQ(read.parent, 99);
}

TEST(TaskOptions, damage_is_an_error) {
    Task task;
    EXPECT_FALSE(read_options("{\"cron\":", task));
    EXPECT_FALSE(read_options("[]", task));
}

}  // namespace
}  // namespace punkt::store

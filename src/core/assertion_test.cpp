#include "core/assertion.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

std::string failed(const Task& task, std::string body, std::int64_t total_us = 0) {
    return failed_assertion(task, {.status = 200, .body = std::move(body), .timings = {.total_us = total_us}})
        .value_or("");
}

std::string failed_json(std::string path, std::string equals, std::string body) {
    return failed({.expected_json = {{std::move(path), std::move(equals)}}}, std::move(body));
}

TEST(Assertion, a_regular_expression_is_found_anywhere_in_the_body) {
    const Task task{.expected_body_regex = R"(order \d{3,}\b)"};
    EXPECT_EQ(failed(task, "your order 1234 is done"), "");
    EXPECT_EQ(failed(task, "your order 12 is done"),
              R"(Assertion failed: response body does not match /order \d{3,}\b/)");
    EXPECT_EQ(failed({.expected_body_regex = "^ok$"}, "ok\n"), "Assertion failed: response body does not match /^ok$/");
}

TEST(Assertion, an_evil_expression_takes_linear_time) {
    const Task task{.expected_body_regex = "(a+)+$"};
    EXPECT_NE(failed(task, std::string(200'000, 'a') + "b"), "");
}

TEST(Assertion, an_expression_that_is_none_is_refused_with_the_reason) {
    EXPECT_TRUE(check_regex("a|b"));
    EXPECT_EQ(check_regex("a(b").error().message, "missing ): a(b");
    EXPECT_FALSE(check_regex(R"((a)\1)"));  // back references need more than linear time
}

TEST(Assertion, a_value_of_the_json_is_compared_as_a_value) {
    const std::string body = R"({"state":"done","items":[{"n":1},{"n":2.50}],"a b":null,"o":{"x":1,"y":[true]}})";
    EXPECT_EQ(failed_json("$.state", R"("done")", body), "");
    EXPECT_EQ(failed_json("$.items[1].n", "2.5", body), "");
    EXPECT_EQ(failed_json("$.items[0].n", "1.0", body), "");
    EXPECT_EQ(failed_json(R"($["a b"])", "null", body), "");
    EXPECT_EQ(failed_json("$.o", R"({"y":[true],"x":1})", body), "");
    EXPECT_EQ(failed_json("$", "[1]", "[1]"), "");
    EXPECT_EQ(failed_json("$.state", R"("open")", body), R"(Assertion failed: $.state is "done", not "open")");
    EXPECT_EQ(failed_json("$.items[7].n", "1", body), "Assertion failed: $.items[7].n is absent, not 1");
    EXPECT_EQ(failed_json("$.none", "null", body), "Assertion failed: $.none is absent, not null");
    EXPECT_EQ(failed_json("$.state", "1", "<html>"), "Assertion failed: response body is not JSON");
}

TEST(Assertion, a_path_that_is_none_is_refused_with_the_place) {
    for (const char* good : {"$", "$.a", "$.a.b[0]", R"($["a.b"][12].c)", R"($["q\"]"])"})
        EXPECT_TRUE(check_json_path(good)) << good;
    for (const char* bad : {"", "a", "$a", "$.", "$..a", "$[", "$[a]", "$[1", R"($["a)", R"($["a"x)", "$[-1]"})
        EXPECT_FALSE(check_json_path(bad)) << bad;
    EXPECT_EQ(check_json_path("$.a[x]").error().message,
              "'$.a[x]': a number or a name in double quotes is missing at character 5");
    std::string deep = "$";
    for (int i = 0; i < 33; ++i) deep += ".a";
    EXPECT_FALSE(check_json_path(deep));
}

TEST(Assertion, a_slow_answer_is_a_failure_when_speed_is_expected) {
    const Task task{.expected_latency_max = Milliseconds{500}};
    EXPECT_EQ(failed(task, "", 500'999), "");
    EXPECT_EQ(failed(task, "", 812'000), "Assertion failed: response took 812 ms, more than 500 ms");
}

}  // namespace
}  // namespace punkt

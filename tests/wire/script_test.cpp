#include "tests/wire/script.h"

#include <gtest/gtest.h>

namespace punkt::wire {
namespace {

constexpr const char* two_steps = R"(# Prose.
# @key alice

### first
# @key bob
POST /a
x-one: 1

{"a":1}

=== 202
allow: GET

{"b":2}

### second
GET /b
)";

TEST(WireScript, reads_requests_expectations_and_directives) {
    const auto script = parse_script("x.http", two_steps);
    ASSERT_TRUE(script) << script.error().message;
    ASSERT_EQ(script->steps.size(), 2u);
    EXPECT_EQ(script->directives[0].value, "alice");
    const Step& first = script->steps[0];
    EXPECT_EQ(first.title, "first");
    EXPECT_EQ(first.directive("key"), "bob");
    EXPECT_EQ(first.asked.first, "POST /a");
    EXPECT_EQ(first.asked.headers.size(), 1u);
    EXPECT_EQ(first.asked.body, R"({"a":1})");
    EXPECT_EQ(first.expected.first, "202");
    EXPECT_EQ(first.expected.headers[0].second, "GET");
    EXPECT_EQ(first.expected.body, R"({"b":2})");
    EXPECT_EQ(script->steps[1].expected.first, "");
}

TEST(WireScript, rewrites_only_the_expected_blocks) {
    const auto script = parse_script("x.http", two_steps);
    const std::string text = rewritten(*script, {"=== 200\n", "=== 404\n"});
    EXPECT_NE(text.find("# @key bob\nPOST /a\nx-one: 1\n\n{\"a\":1}\n\n=== 200\n\n### second"), text.npos);
    EXPECT_TRUE(text.ends_with("### second\nGET /b\n\n=== 404\n"));
    EXPECT_EQ(rewritten(*parse_script("x.http", text), {"=== 200\n", "=== 404\n"}), text);
}

TEST(WireScript, refuses_what_it_would_otherwise_overlook) {
    for (const char* text : {"### a\n# @kee alice\nGET /\n", "### a\n=== 200\n", "GET /\n", "###\nGET /\n",
                             "### a\nGET /\nno header\n", "# only prose\n"})
        EXPECT_FALSE(parse_script("x.http", text)) << text;
}

}  // namespace
}  // namespace punkt::wire

#include "tests/wire/expectation.h"

#include <gtest/gtest.h>

namespace punkt::wire {
namespace {

Message json_answer(std::string body) {
    return {.first = "200", .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
}

std::string compared(const std::string& expected, const std::string& actual, Compare compare = {}) {
    Memory memory;
    return difference({.first = "200", .body = expected}, json_answer(actual), memory, compare);
}

TEST(WireExpectation, compares_json_by_structure_and_names_the_place_that_differs) {
    EXPECT_EQ(compared(R"({ "a": [1, {"b": null}] })", R"({"a":[1,{"b":null}]})"), "");
    EXPECT_EQ(compared(R"({"a":[1,{"b":null}]})", R"({"a":[1,{"b":2}]})"), ".a[1].b: expected null, got 2");
    EXPECT_EQ(compared(R"({"a":1})", R"({"a":1,"c":2})"), "body: expected the members a, got a c");
    EXPECT_EQ(compared(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), "body: expected the members a b, got b a");
    EXPECT_EQ(compared(R"({"a":[1]})", R"({"a":[1,2]})"), ".a: expected 1 elements, got 2");
    EXPECT_EQ(compared(R"({"a":"1"})", R"({"a":1})"), R"(.a: expected "1", got 1)");
}

TEST(WireExpectation, lets_a_placeholder_stand_for_a_number_but_not_for_null) {
    EXPECT_EQ(compared(R"({"a":"{{number}}"})", R"({"a":1})"), "");
    EXPECT_NE(compared(R"({"a":"{{text}}"})", R"({"a":null})"), "");
    EXPECT_EQ(compared(R"({"a":"{{any}}"})", R"({"a":{"b":1}})"), "");
}

TEST(WireExpectation, looks_only_at_named_members_when_it_is_contained) {
    EXPECT_EQ(compared(R"({"a":{"b":1}})", R"({"x":0,"a":{"c":2,"b":1}})", {.contains = true}), "");
    EXPECT_NE(compared(R"({"a":{"b":1}})", R"({"a":{"c":2}})", {.contains = true}), "");
    EXPECT_NE(compared(R"({"a":[1]})", R"({"a":[1,2]})", {.contains = true}), "") << "lists are whole";
    EXPECT_NE(compared("", R"({"a":1})", {.contains = true}), "") << "nothing is not part of everything";
}

TEST(WireExpectation, compares_the_headers_that_are_named) {
    Memory memory;
    const auto check = [&](std::string name, std::string value) {
        return difference({.first = "200", .headers = {{name, value}}, .body = "{{any}}"}, json_answer("{}"), memory,
                          {});
    };
    EXPECT_EQ(check("content-type", "application/json"), "");
    EXPECT_NE(check("content-type", "text/plain"), "");
    EXPECT_NE(check("allow", "GET"), "");
    EXPECT_EQ(check("allow", "{{absent}}"), "");
    EXPECT_NE(check("content-type", "{{absent}}"), "");
}

TEST(WireExpectation, compares_other_bodies_as_text_and_an_empty_one_as_empty) {
    Memory memory;
    const Message answer{.first = "200", .body = "ok\n"};
    EXPECT_EQ(difference({.first = "200", .body = "ok"}, answer, memory, {}), "");
    EXPECT_NE(difference({.first = "200"}, answer, memory, {}), "");
    EXPECT_NE(difference({.first = "201", .body = "ok"}, answer, memory, {}), "");
}

TEST(WireExpectation, approves_with_the_placeholders_that_still_fit) {
    Memory memory;
    const Message expected{.first = "200", .body = R"({"id":"{{text:it}}","n":1,"old":0})"};
    const auto block = approved(expected, json_answer(R"({"id":"abc","n":2,"new":[true]})"), memory, {});
    EXPECT_EQ(block.body, R"({"id":"{{text:it}}","n":2,"new":[true]})");
    EXPECT_TRUE(block.headers.empty());
    EXPECT_EQ(approved({}, json_answer("{}"), memory, {}).headers.size(), 1u) << "a new block names the content type";
}

TEST(WireExpectation, an_approved_block_matches_what_it_was_made_from) {
    Memory memory;
    const auto answer = json_answer(R"({"long":["0123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789","0123456789012345678901234567890123456789"]})");
    const auto block = approved({}, answer, memory, {});
    EXPECT_EQ(difference(block, answer, memory, {}), "");
}

}  // namespace
}  // namespace punkt::wire

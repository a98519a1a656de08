#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace punkt::json {
namespace {

Document parsed(std::string_view text) {
    auto document = Document::parse(text);
    if (!document) ADD_FAILURE() << text << ": " << document.error().message;
    return std::move(document).value();
}

std::string refusal(std::string_view text) {
    auto document = Document::parse(text);
    if (document) return "accepted: " + document->root().text();
    EXPECT_EQ(document.error().kind, ErrorKind::invalid);
    return document.error().message;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(Json, reads_members_by_name_and_in_order) {
    const Document document = parsed(R"({"url":"https://a.example/","n":3,"f":1.5,"on":true,"off":false,"no":null,)"
                                     R"("list":[1,[2,{"x":3}],"three"],"deep":{"a":{"b":"c"}}})");
    const Value root = document.root();
    EXPECT_EQ(root.type(), Type::object);
    EXPECT_EQ(root["url"].string(), "https://a.example/");
    EXPECT_EQ(root["n"].integer(), 3);
    EXPECT_EQ(root["n"].number(), 3.0);
    EXPECT_EQ(root["f"].number(), 1.5);
    EXPECT_EQ(root["f"].integer(), std::nullopt);
    EXPECT_EQ(root["on"].boolean(), true);
    EXPECT_EQ(root["off"].boolean(), false);
    EXPECT_TRUE(root["no"].is_nothing());
    EXPECT_TRUE(root["no"].exists());
    EXPECT_FALSE(root["absent"].exists());
    EXPECT_TRUE(root["absent"].is_nothing());
    EXPECT_EQ(root["deep"]["a"]["b"].string(), "c");
    EXPECT_FALSE(root["url"]["of a string"].exists());
    ASSERT_EQ(root["list"].elements().size(), 3u);
    EXPECT_EQ(root["list"].elements()[1].elements()[1]["x"].integer(), 3);
    ASSERT_EQ(root.members().size(), 8u);
    EXPECT_EQ(root.members()[6].first, "list");
    EXPECT_EQ(root.members()[7].second["a"]["b"].string(), "c");
    EXPECT_TRUE(root["url"].elements().empty());
    EXPECT_TRUE(root["list"].members().empty());
}

TEST(Json, finds_the_first_of_duplicate_members) { EXPECT_EQ(parsed(R"({"a":1,"a":2})").root()["a"].integer(), 1); }

TEST(Json, knows_which_numbers_are_integers) {
    EXPECT_EQ(parsed("9223372036854775807").root().integer(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(parsed("-9223372036854775808").root().integer(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(parsed("9223372036854775808").root().integer(), std::nullopt);
    EXPECT_EQ(parsed("9223372036854775808").root().number(), 9223372036854775808.0);
    EXPECT_EQ(parsed("1.0").root().integer(), std::nullopt);
    EXPECT_EQ(parsed("1e2").root().integer(), std::nullopt);
    EXPECT_EQ(parsed("-0").root().integer(), 0);
}

TEST(Json, writes_a_value_back_minified) {
    constexpr std::string_view minified =
        R"({"a":[1,-2,1.5,18446744073709551615,true,false,null],"b":{},"c":[],"d":"\"\\/\n\u0001é😀","e":1.0})";
    EXPECT_EQ(parsed(minified).root().text(), minified);
    EXPECT_EQ(parsed(R"( { "a" : [ 1 , "\u00e9\ud83d\ude00\/" ] } )").root().text(), R"({"a":[1,"é😀/"]})");
    EXPECT_EQ(parsed(R"({"a":{"b":1}})").root()["a"].text(), R"({"b":1})");
    EXPECT_EQ(Value().text(), "null");
}

TEST(Json, accepts_exactly_the_depth_it_promises) {
    EXPECT_EQ(parsed(nested(depth_max)).root().text(), nested(depth_max));
    EXPECT_EQ(refusal(nested(depth_max + 1)), "malformed JSON: nested deeper than 64 levels");
    EXPECT_EQ(refusal(std::string(100'000, '[')), "malformed JSON: nested deeper than 64 levels");
    std::string objects;
    for (int level = 0; level < 100; ++level) objects += R"({"a":)";
    EXPECT_EQ(refusal(objects), "malformed JSON: nested deeper than 64 levels");
}

TEST(Json, refuses_what_is_no_json_and_says_why) {
    EXPECT_EQ(refusal(""), "malformed JSON: empty");
    EXPECT_EQ(refusal(" \n"), "malformed JSON: empty");
    EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), "malformed JSON: starts with a byte order mark");
    EXPECT_EQ(refusal("{\"a\":\"\xC0\xAF\"}"), "malformed JSON: not UTF-8 at byte 6");
    EXPECT_EQ(refusal("[1e999999]"), "malformed JSON: a number is malformed or too large");
    EXPECT_EQ(refusal("[\"a"), "malformed JSON: a string has no closing quote");
    EXPECT_EQ(refusal("[\"\\x\"]"), "malformed JSON: a string has a wrong escape");
    EXPECT_EQ(refusal("[trve]"), "malformed JSON: a word other than true, false and null");
    EXPECT_EQ(refusal("[1,]"), "malformed JSON: missing or superfluous comma, bracket, key or value");
}

using namespace std::string_view_literals;

// What RFC 8259 forbids, beyond the sentences above.
constexpr std::string_view malformed[] = {"{"sv,
                                          "}"sv,
                                          "["sv,
                                          "]"sv,
                                          "{]"sv,
                                          "[}"sv,
                                          "[1 2]"sv,
                                          "[1,,2]"sv,
                                          "[,1]"sv,
                                          "{\"a\"}"sv,
                                          "{\"a\":}"sv,
                                          "{\"a\":1,}"sv,
                                          "{,}"sv,
                                          "{a:1}"sv,
                                          "{'a':1}"sv,
                                          "{1:1}"sv,
                                          "{\"a\" 1}"sv,
                                          "{\"a\":1 \"b\":2}"sv,
                                          "{}{}"sv,
                                          "{} x"sv,
                                          "1 2"sv,
                                          "[01]"sv,
                                          "[1.]"sv,
                                          "[.5]"sv,
                                          "[+1]"sv,
                                          "[-]"sv,
                                          "[1e]"sv,
                                          "[1e+]"sv,
                                          "[0x1]"sv,
                                          "[NaN]"sv,
                                          "[Infinity]"sv,
                                          "[-Infinity]"sv,
                                          "[nul]"sv,
                                          "[truee]"sv,
                                          "[TRUE]"sv,
                                          "// x\n1"sv,
                                          "/* */1"sv,
                                          "[\"\t\"]"sv,
                                          "[\"\n\"]"sv,
                                          "[\"\0\"]"sv,
                                          "[1]\0"sv,
                                          "\0"sv,
                                          "\0[1]"sv,
                                          "[1\0]"sv,
                                          "[\"\\u12\"]"sv,
                                          "[\"\\u12g4\"]"sv,
                                          "[\"\\ud800\"]"sv,
                                          "[\"\\udc00\"]"sv,
                                          "[\"\\ud800\\u0041\"]"sv,
                                          "[\"\\ud800\\ud800\"]"sv,
                                          "[\"\\udc00\\ud800\"]"sv,
                                          "[\"\\ud800x\"]"sv,
                                          "[\"\xED\xA0\x80\"]"sv,
                                          "[\"\xF4\x90\x80\x80\"]"sv,
                                          "[\"\xC1\x81\"]"sv,
                                          "[\"\xE0\x80\x80\"]"sv,
                                          "[\"\xFF\"]"sv,
                                          "[\"\xC3\"]"sv,
                                          "\xFF\xFE[\0"sv,
                                          "[123456789012345678901234567890]"sv,
                                          "[-9223372036854775809]"sv,
                                          "[1e400]"sv,
                                          "[-1e400]"sv,
                                          "[\f1]"sv,
                                          "[\v1]"sv,
                                          "[\xC2\xA0"
                                          "1]"sv,
                                          "{\"a\":1}}"sv,
                                          "[1]]"sv,
                                          "[1:2]"sv,
                                          "{\"a\":1:2}"sv,
                                          "{\"a\",1}"sv,
                                          "\""sv,
                                          "\"a"sv,
                                          "[\"\\\"]"sv};

TEST(Json, refuses_every_kind_of_malformed_text) {
    for (const std::string_view text : malformed)
        EXPECT_TRUE(refusal(text).starts_with("malformed JSON: ")) << text << " gave " << refusal(text);
}

TEST(Json, accepts_every_kind_of_root_and_escape) {
    EXPECT_EQ(parsed(" null ").root().type(), Type::null);
    EXPECT_EQ(parsed("\"x\"").root().string(), "x");
    EXPECT_EQ(parsed("\t[\r\n]").root().type(), Type::array);
    EXPECT_EQ(parsed(R"(["\u0000"])").root().elements()[0].string(), std::string_view("\0", 1));
    EXPECT_EQ(parsed(R"(["\b\f\n\r\t\"\\\/"])").root().elements()[0].string(), "\b\f\n\r\t\"\\/");
    EXPECT_EQ(parsed("[\"\xEE\x80\x80\xF4\x8F\xBF\xBF\"]").root().elements()[0].string(),
              "\xEE\x80\x80\xF4\x8F\xBF\xBF");
    EXPECT_EQ(parsed("[1e-400]").root().elements()[0].number(), 0.0);
}

TEST(Json, keeps_documents_apart_and_reuses_them_over_threads) {
    std::vector<Document> kept;
    for (int i = 0; i < 100; ++i)
        kept.push_back(
            parsed("[\"" + std::string(static_cast<std::size_t>(i) * 50, 'x') + "\"," + std::to_string(i) + "]"));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(kept[static_cast<std::size_t>(i)].root().elements()[1].integer(), i);
    std::thread([taken = std::move(kept)]() mutable { taken.clear(); }).join();
    Document moved = parsed("[1]");
    const Value root = moved.root();
    Document target = parsed("[2]");
    target = std::move(moved);
    EXPECT_EQ(root.text(), "[1]");
    EXPECT_EQ(target.root().text(), "[1]");
}

TEST(Json, reads_large_documents) {
    std::string text = "[";
    for (int i = 0; i < 300'000; ++i) text += std::to_string(i) + ",";
    text += "0]";
    EXPECT_EQ(parsed(text).root().elements().size(), 300'001u);
    EXPECT_EQ(parsed("[1]").root().text(), "[1]");
}

TEST(JsonWriter, puts_commas_where_they_belong) {
    Writer writer;
    writer.begin_object().key("a").integer(-1).key("b").begin_array().null().boolean(true).number(0.5).end_array();
    writer.key("c").begin_object().end_object().key("d").raw("[1]").key("e").string_or_null(std::nullopt).end_object();
    EXPECT_EQ(writer.text(), R"({"a":-1,"b":[null,true,0.5],"c":{},"d":[1],"e":null})");
    EXPECT_EQ(parsed(writer.text()).root().text(), writer.text());
}

TEST(JsonWriter, escapes_what_must_be_and_replaces_bad_bytes) {
    EXPECT_EQ(quoted("a\"b\\c\n\t\x01\x7F/é"), R"("a\"b\\c\n\t\u0001\u007f/é")");
    EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
    EXPECT_EQ(quoted("a\xFF\xC3(\xED\xA0\x80z"), "\"a\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFDz\"");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    EXPECT_EQ(parsed(json::quoted(all)).root().type(), Type::string);
}

TEST(JsonWriter, writes_numbers_that_read_back_the_same) {
    for (const double value : {0.1, -1.0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.125}) {
        Writer writer;
        writer.number(value);
        EXPECT_EQ(parsed(writer.text()).root().number(), value) << writer.text();
    }
    Writer writer;
    writer.number(std::numeric_limits<double>::infinity());
    EXPECT_EQ(writer.text(), "null");
}

}  // namespace
}  // namespace punkt::json

#include "base/log.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace punkt::log {
namespace {

TEST(Log, fields_stand_behind_the_message) {
    EXPECT_EQ(line(Format::text, "answered", {{"request_id", "a-1"}, {"status", "500"}}),
              "answered request_id=a-1 status=500");
    EXPECT_EQ(line(Format::json, "answered", {{"request_id", "a-1"}}), R"("message":"answered","request_id":"a-1")");
}

TEST(Log, values_with_blanks_are_quoted) {
    EXPECT_EQ(line(Format::text, "m", {{"reason", "no key"}, {"path", ""}, {"name", "a\"b"}}),
              R"(m reason="no key" path="" name="a\"b")");
}

TEST(Log, a_line_stays_one_line_and_cannot_reach_the_terminal) {
    EXPECT_EQ(line(Format::text, "a\nb\033[2J\x7F"), "a\\nb\\x1b[2J\\x7f");
    EXPECT_EQ(line(Format::text, "m", {{"k", "a\nINFO forged"}}), R"(m k="a\nINFO forged")");
}

TEST(Log, json_stays_json_whatever_bytes_come) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    const std::string text = "{" + line(Format::json, all, {{"key", all}}) + "}";
    EXPECT_TRUE(json::Document::parse(text)) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(Log, can_be_configured_again) {
    configure(Level::warn, Format::json);
    EXPECT_FALSE(enabled(Level::info));
    EXPECT_TRUE(enabled(Level::warn));
    configure(Level::info, Format::text);
    EXPECT_TRUE(enabled(Level::info));
    EXPECT_FALSE(enabled(Level::debug));
}

}  // namespace
}  // namespace punkt::log

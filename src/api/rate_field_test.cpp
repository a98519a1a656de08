#include "api/rate_field.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

using namespace std::chrono_literals;

std::optional<Rate> read(const std::string& text, std::string* message = nullptr) {
    const auto document = json::Document::parse(R"({"rate":)" + text + "}");
    FieldReader fields(document->root());
    auto rate = read_rate(fields, "rate", fields.raw("rate"));
    EXPECT_EQ(rate.has_value(), fields.is_clean()) << text;
    if (message != nullptr && !fields.is_clean()) *message = fields.errors().front().message;
    return rate;
}

TEST(RateField, is_a_text_or_an_object) {
    EXPECT_EQ(read(R"("10/s")"), (Rate{.count = 10, .period = 1s}));
    EXPECT_EQ(read(R"({"count":10})"), (Rate{.count = 10, .period = 1s}));
    EXPECT_EQ(read(R"({"count":10,"period":"1m","burst":3})"), (Rate{.count = 10, .period = 1min, .burst = 3}));
    EXPECT_EQ(read(R"({"count":10,"period":90})"), (Rate{.count = 10, .period = 90s}));
    EXPECT_EQ(read(R"({"count":10,"period_ms":1500})"), (Rate{.count = 10, .period = 1500ms}));
}

TEST(RateField, says_which_part_is_wrong) {
    std::string message;
    for (const char* text : {R"({"count":0})", R"({})", R"({"count":"x"})", R"({"count":1000001})"}) {
        EXPECT_FALSE(read(text, &message)) << text;
        EXPECT_NE(message.find("count"), std::string::npos) << message;
    }
    for (const char* text : {R"({"count":1,"period":"2d"})", R"({"count":1,"period":0})",
                             R"({"count":1,"period":9223372036854775807})", R"({"count":1,"period_ms":999})",
                             R"({"count":1,"period":"1s","period_ms":1000})", R"({"count":1,"period":true})"}) {
        EXPECT_FALSE(read(text, &message)) << text;
        EXPECT_NE(message.find("period"), std::string::npos) << message;
    }
    EXPECT_FALSE(read(R"({"count":3,"burst":4})", &message));
    EXPECT_NE(message.find("burst"), std::string::npos);
    EXPECT_FALSE(read("[1]"));
    EXPECT_FALSE(read("7"));
}

TEST(RateField, reads_what_it_writes) {
    const Rate rate{.count = 7, .period = 90s, .burst = 2};
    json::Writer writer;
    write_rate(writer, rate);
    EXPECT_EQ(read(writer.text()), rate);
    json::Writer none;
    write_rate(none, std::nullopt);
    EXPECT_EQ(none.text(), "null");
}

}  // namespace
}  // namespace punkt::api

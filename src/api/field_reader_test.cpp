#include "api/field_reader.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

struct Fields {
    explicit Fields(std::string_view text) : document(*json::Document::parse(text)), reader(document.root()) {}
    json::Document document;
    FieldReader reader;
};

TEST(FieldReader, takes_numbers_and_flags_written_as_strings) {
    Fields f(R"({"a":"42","b":7,"c":"true","d":"0","e":"1.5"})");
    EXPECT_EQ(f.reader.integer("a"), 42);
    EXPECT_EQ(f.reader.integer("b"), 7);
    EXPECT_EQ(f.reader.boolean("c"), true);
    EXPECT_EQ(f.reader.boolean("d"), false);
    EXPECT_EQ(f.reader.number("e", 0, 2), 1.5);
    EXPECT_TRUE(f.reader.is_clean());
}

TEST(FieldReader, reads_blank_strings_and_null_as_absent_but_knows_that_the_field_was_there) {
    Fields f(R"({"a":"  ","b":null})");
    EXPECT_FALSE(f.reader.string("a"));
    EXPECT_FALSE(f.reader.integer("b"));
    EXPECT_TRUE(f.reader.has("a"));
    EXPECT_TRUE(f.reader.has("b"));
    EXPECT_FALSE(f.reader.has("c"));
    EXPECT_TRUE(f.reader.is_clean());
}

TEST(FieldReader, names_every_wrong_field_in_one_error) {
    Fields f(R"({"name":5,"timeout_ms":10,"retries":"x","flag":"maybe","max":999})");
    EXPECT_FALSE(f.reader.string("name"));
    EXPECT_FALSE(f.reader.integer("timeout_ms", 1000, 300000));
    EXPECT_FALSE(f.reader.integer("retries"));
    EXPECT_FALSE(f.reader.boolean("flag"));
    EXPECT_FALSE(f.reader.integer("max", 0, 10));
    ASSERT_EQ(f.reader.errors().size(), 5u);
    EXPECT_EQ(f.reader.error().message,
              "name is invalid; timeout_ms must be greater than or equal to 1000; retries is invalid; flag is invalid; "
              "max must be less than or equal to 10");
    EXPECT_EQ(f.reader.error().code, "validation_error");
}

}  // namespace
}  // namespace punkt::api

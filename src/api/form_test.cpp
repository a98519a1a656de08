#include "api/form.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace punkt::api {
namespace {

std::string form(std::string_view text) {
    const auto json = form_to_json(text);
    return json ? *json : "refused: " + json.error().message;
}

std::string multipart(std::string_view body, std::string_view type = "multipart/form-data; boundary=xyz") {
    const auto json = multipart_to_json(type, body);
    return json ? *json : "refused: " + json.error().message;
}

TEST(Form, turns_fields_into_strings) {
    EXPECT_EQ(form(""), "{}");
    EXPECT_EQ(form("a=1&b=two+words&c=%C3%A9%26&d=&e"), R"({"a":"1","b":"two words","c":"é&","d":"","e":""})");
    EXPECT_EQ(form("name~=x&&a%20b=c=d"), R"({"name~":"x","a b":"c=d"})");
    EXPECT_EQ(form("a=1&a=2"), R"({"a":"2"})");
}

TEST(Form, nests_by_brackets) {
    EXPECT_EQ(form("h[a]=1&h[b]=2&h[c][d]=3"), R"({"h":{"a":"1","b":"2","c":{"d":"3"}}})");
    EXPECT_EQ(form("l[]=1&l[]=2"), R"({"l":["1","2"]})");
    EXPECT_EQ(form("h%5Ba%5D=1"), R"({"h":{"a":"1"}})");
    EXPECT_EQ(form("a=1&a[b]=2"), R"({"a":{"b":"2"}})");
    EXPECT_EQ(form("[a]=1&b]=2&c[=3"), R"({"[a]":"1","b]":"2","c[":"3"})");
}

TEST(Form, refuses_what_cannot_be_read) {
    EXPECT_EQ(form("a=%4"), "refused: a field's percent-encoding is malformed");
    EXPECT_EQ(form("a=%zz"), "refused: a field's percent-encoding is malformed");
    EXPECT_EQ(form("a=%"), "refused: a field's percent-encoding is malformed");
    EXPECT_EQ(form("a=%FF"), "refused: a field is not UTF-8");
    EXPECT_EQ(form("a[b]c]=1"), R"(refused: a field's brackets do not match)");
    EXPECT_EQ(form("a[1][2][3][4][5][6][7][8]=x"), R"({"a":{"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":"x"}}}}}}}}})");
    EXPECT_EQ(form("a[1][2][3][4][5][6][7][8][9]=x"), "refused: a field is nested deeper than 8 levels");
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "a[]=&";
    EXPECT_EQ(form(many), "refused: more than 1000 fields");
}

TEST(Form, reads_multipart_bodies) {
    EXPECT_EQ(multipart("--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n"
                        "--xyz\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; filename=\"f;\\\"\"; "
                        "name=b[c]\r\n\r\n"
                        "two\r\nlines\r\n--xyz--\r\n"),
              R"({"a":"one","b":{"c":"two\r\nlines"}})");
    EXPECT_EQ(multipart("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--xyz--"), R"({"a":""})");
    // Some clients leave out the empty line of an empty value.
    EXPECT_EQ(multipart("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n--xyz--"), R"({"a":""})");
    EXPECT_EQ(multipart("--xyz--"), "{}");
    EXPECT_EQ(multipart("--a b--", "multipart/form-data; charset=x; boundary=\"a b\""), "{}");
}

TEST(Form, refuses_malformed_multipart_bodies) {
    EXPECT_EQ(multipart("x", "multipart/form-data"), "refused: multipart without a boundary");
    EXPECT_EQ(multipart("x", "multipart/form-data; boundary="), "refused: multipart without a boundary");
    EXPECT_EQ(multipart("xyz"), "refused: a multipart body that does not begin with its boundary");
    EXPECT_EQ(multipart("--xyz"), "refused: a multipart body that ends too early");
    EXPECT_EQ(multipart("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nx"),
              "refused: a multipart body that ends too early");
    EXPECT_EQ(multipart("--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xyz--"),
              "refused: a part of a multipart body without a name");
    EXPECT_EQ(multipart("--xyz\r\nx: y\r\n\r\nx\r\n--xyz--"), "refused: a part of a multipart body without a name");
}

TEST(Form, answers_json_whatever_it_reads) {
    for (const std::string_view text : {"a[", "[]=1", "a[]]=1", "a[][]=1&a[][b]=2&a=3", "=", "=1", "&=&", "\"=\\"}) {
        const auto json = form_to_json(text);
        if (json) EXPECT_TRUE(json::Document::parse(*json)) << text << " gave " << *json;
    }
}

}  // namespace
}  // namespace punkt::api

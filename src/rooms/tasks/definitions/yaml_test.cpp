#include "rooms/tasks/definitions/yaml.h"

#include <gtest/gtest.h>

namespace punkt::tasks {
namespace {

std::string read(std::string_view yaml) {
    const auto json = json_from_yaml(yaml);
    return json ? *json : json.error().message;
}

TEST(Yaml, reads_plain_scalars_as_yaml_1_2_does) {
    EXPECT_EQ(read("a: [1, -2.5, 1e3, true, False, null, ~, no, 12:30, 007, 0x10, 2026-03-01]"),
              R"({"a":[1,-2.5,1e3,true,false,null,null,"no","12:30","007","0x10","2026-03-01"]})");
    EXPECT_EQ(read("a: \"1\"\nb: 'true'\nc: !!str 5\nd:\n"), R"({"a":"1","b":"true","c":"5","d":null})");
    EXPECT_EQ(read("cron: 0 9 * * *\nurl: https://example.com/x?a=1#b\n"),
              R"({"cron":"0 9 * * *","url":"https://example.com/x?a=1#b"})");
}

TEST(Yaml, reads_json) { EXPECT_EQ(read(R"({"a": [1, "x", {"b": null}]})"), R"({"a":[1,"x",{"b":null}]})"); }

TEST(Yaml, unfolds_aliases_but_not_without_end) {
    EXPECT_EQ(read("a: &x {b: 1}\nc: *x\n"), R"({"a":{"b":1},"c":{"b":1}})");
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += (k == 0 ? "*a" : ", *a") + std::to_string(i - 1);
        bomb += "]\n";
    }
    EXPECT_NE(read(bomb).find("more than 1000000 values"), std::string::npos);
}

TEST(Yaml, says_where_it_is_wrong) {
    EXPECT_NE(read("a: 1\na: 2\n").find("line 2: 'a' is given twice"), std::string::npos);
    EXPECT_NE(read("a: [1\n").find("malformed YAML"), std::string::npos);
    EXPECT_NE(read("a: .inf\n").find("line 1: .inf is no number here"), std::string::npos);
    EXPECT_NE(read("? [1]\n: 2\n").find("a name must be a text"), std::string::npos);
    EXPECT_NE(read(std::string(100, '[') + std::string(100, ']')).find("nested deeper"), std::string::npos);
    EXPECT_NE(read(std::string(100'000, '[')).find("malformed YAML"), std::string::npos);
}

TEST(Yaml, reads_back_what_it_wrote) {
    const char* text =
        R"({"a":"true","b":"1","c":"","d":"x: y","e":"# no comment","f":" blank ","g":"two\nlines\n","h":"- x","i":[null,true,false],)"
        R"("j":[],"k":{},"l":[{"m":[1,2.5,-3]},"n"],"o":"2026-03-01T00:00:00Z","p":"\u0001\u00e9\ud83d\ude00","q":"no",)"
        R"("r":"{\"json\": [1, 2]}","s":"*/5 * * * *","t":"@daily","u":"~","v":"null","w":"'","y":"\"","z":"&a *b !c % | >"})";
    const auto document = json::Document::parse(text);
    ASSERT_TRUE(document) << document.error().message;
    const std::string yaml = yaml_from_json(document->root());
    EXPECT_EQ(read(yaml), document->root().text()) << yaml;
}

TEST(Yaml, indents_json) {
    const auto document = json::Document::parse(R"({"a":[1,{}],"b":{"c":"x"},"d":[]})");
    EXPECT_EQ(indented_json(document->root()),
              "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": \"x\"\n  },\n  \"d\": []\n}\n");
}

}  // namespace
}  // namespace punkt::tasks

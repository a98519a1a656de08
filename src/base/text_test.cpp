#include "base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace punkt {
namespace {

TEST(Text, the_edit_distance_counts_changes) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("port", "port"), 0U);
    EXPECT_EQ(edit_distance("port", "prot"), 1U);
    EXPECT_EQ(edit_distance("port", "ports"), 1U);
    EXPECT_EQ(edit_distance("port", "pot"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Text, the_nearest_word_is_found_whatever_its_case) {
    const std::vector<std::string> words = {"server.port", "server.address", "log.level"};
    EXPECT_EQ(nearest("Server.Prot", words), "server.port");
    EXPECT_EQ(nearest("loglevel", words), "log.level");
}

TEST(Text, nothing_is_suggested_for_a_word_that_resembles_none) {
    const std::vector<std::string> words = {"server.port"};
    EXPECT_EQ(nearest("zzz", words), std::nullopt);
    EXPECT_EQ(nearest("", std::vector<std::string>{}), std::nullopt);
}

TEST(Text, trimming_keeps_what_is_inside) {
    EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
    EXPECT_EQ(trimmed(" \n"), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(Text, changing_case_leaves_other_bytes_alone) {
    EXPECT_EQ(lower_case("Punkt_É1"), "punkt_É1");
    EXPECT_EQ(upper_case("server.port"), "SERVER.PORT");
}

}  // namespace
}  // namespace punkt

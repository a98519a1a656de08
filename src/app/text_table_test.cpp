#include "app/text_table.h"

#include <gtest/gtest.h>

namespace punkt::app {
namespace {

TEST(TextTable, columns_are_as_wide_as_their_widest_cell) {
    TextTable table({"ID", "NAME"});
    table.add({"1", "a"});
    table.add({"1000", ""});
    EXPECT_EQ(table.text(), "ID    NAME\n1     a\n1000\n");
}

TEST(TextTable, a_long_cell_is_cut_between_characters) {
    TextTable table({"NAME", "X"});
    table.add({"äöüß", "1"});
    table.add({"äöüßé", "2"});
    EXPECT_EQ(table.text(4), "NAME  X\näöüß  1\näöü…  2\n");
}

TEST(TextTable, control_characters_do_not_reach_the_terminal) {
    TextTable table({"NAME"});
    table.add({"a\033[31m\nb\x7F"});
    EXPECT_EQ(table.text(), "NAME\na [31m b\n");
}

}  // namespace
}  // namespace punkt::app

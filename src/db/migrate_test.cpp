#include "db/migrate.h"

#include <gtest/gtest.h>

#include <array>

#include "testing/scratch_folder.h"

namespace punkt::db {
namespace {

constexpr Timestamp now = from_ms(1'700'000'000'000);

class MigrateTest : public ::testing::Test {
  protected:
    Connection open() {
        auto opened = Connection::open({.path = folder.path("test.db")}, Access::write);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    testing::ScratchFolder folder;
};

constexpr std::array<Migration, 3> steps = {{
    {.number = 1, .name = "one", .sql = "CREATE TABLE one (a BIGINT); INSERT INTO one VALUES (1)"},
    {.number = 2, .name = "two", .sql = "CREATE TABLE two (a BIGINT); INSERT INTO two VALUES (1)"},
    {.number = 3, .name = "three", .sql = "CREATE TABLE three (a BIGINT)"},
}};

TEST_F(MigrateTest, an_empty_database_gets_every_step_once) {
    auto connection = open();
    ASSERT_TRUE(migrate(connection, now));
    ASSERT_TRUE(migrate(connection, now));
    EXPECT_EQ(*schema_version(connection), migrations().back().number);
    EXPECT_EQ(*query_number(connection, "SELECT count(*) FROM task"), 0);
}

TEST_F(MigrateTest, steps_continue_where_they_were) {
    auto connection = open();
    ASSERT_TRUE(migrate(connection, now, std::span(steps).first(1)));
    ASSERT_TRUE(migrate(connection, now, steps));
    EXPECT_EQ(*schema_version(connection), 3);
    EXPECT_EQ(*query_number(connection, "SELECT count(*) FROM one"), 1);
}

TEST_F(MigrateTest, a_step_that_fails_leaves_nothing_of_itself) {
    std::array<Migration, 3> broken = steps;
    broken[1].sql = "CREATE TABLE two (a BIGINT); INSERT INTO nowhere VALUES (1)";
    auto connection = open();
    auto failed = migrate(connection, now, broken);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("migration 2 (two)"), std::string::npos);
    EXPECT_EQ(*schema_version(connection), 1);
    ASSERT_TRUE(migrate(connection, now, steps));
    EXPECT_EQ(*query_number(connection, "SELECT count(*) FROM two"), 1);
}

TEST_F(MigrateTest, a_newer_schema_is_refused_in_a_sentence) {
    auto connection = open();
    ASSERT_TRUE(migrate(connection, now, steps));
    auto refused = migrate(connection, now, std::span(steps).first(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_NE(refused.error().message.find("newer Punkt"), std::string::npos);
}

}  // namespace
}  // namespace punkt::db

#include "db/connection.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "db/sqlite.h"
#include "testing/scratch_folder.h"

namespace punkt::db {
namespace {

class ConnectionTest : public ::testing::Test {
  protected:
    Connection open(Access access = Access::write) {
        auto opened = Connection::open({.path = path}, access);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    testing::ScratchFolder folder;
    std::string path = folder.path("test.db");
};

TEST_F(ConnectionTest, numbers_text_bytes_and_null_come_back_as_they_went_in) {
    auto connection = open();
    ASSERT_TRUE(connection.script("CREATE TABLE t (a BIGINT, b TEXT, c BLOB, d DOUBLE, e TEXT)"));
    const std::string bytes("\0\xff\x01", 3);
    auto inserted = connection.execute("INSERT INTO t VALUES ($1, $2, $3, $4, $5)",
                                       {std::int64_t{-7}, "grüße", Bytes{bytes}, 2.5, std::nullopt});
    ASSERT_TRUE(inserted);
    EXPECT_EQ(*inserted, 1);
    int rows = 0;
    ASSERT_TRUE(connection.query("SELECT a, b, c, d, e FROM t", {}, [&](const Row& row) {
        ++rows;
        EXPECT_EQ(row.integer(0), -7);
        EXPECT_EQ(row.text(1), "grüße");
        EXPECT_EQ(row.text(2), bytes);
        EXPECT_EQ(row.real(3), 2.5);
        EXPECT_TRUE(row.is_null(4));
        EXPECT_EQ(row.optional_integer(4), std::nullopt);
    }));
    EXPECT_EQ(rows, 1);
}

TEST_F(ConnectionTest, parameters_are_bound_by_their_number_not_by_their_first_appearance) {
    auto connection = open();
    auto number = query_number(connection, "SELECT $2 * 10 + $1 + $2", {1, 2});
    ASSERT_TRUE(number);
    EXPECT_EQ(*number, 23);
}

TEST_F(ConnectionTest, empty_bytes_are_not_null) {
    auto connection = open();
    auto number = query_number(connection, "SELECT $1 IS NULL", {Bytes{}});
    ASSERT_TRUE(number);
    EXPECT_EQ(*number, 0);
}

TEST_F(ConnectionTest, a_visitor_that_answers_false_ends_the_query) {
    auto connection = open();
    int rows = 0;
    ASSERT_TRUE(connection.query("SELECT 1 UNION ALL SELECT 2", {}, [&](const Row&) { return ++rows < 1; }));
    EXPECT_EQ(rows, 1);
}

TEST_F(ConnectionTest, a_statement_may_run_inside_a_query_of_the_same_text) {
    auto connection = open();
    int rows = 0;
    constexpr auto sql = "SELECT 1 UNION ALL SELECT 2";
    ASSERT_TRUE(connection.query(
        sql, {}, [&](const Row&) { EXPECT_TRUE(connection.query(sql, {}, [&](const Row&) { ++rows; })); }));
    EXPECT_EQ(rows, 4);
}

TEST_F(ConnectionTest, a_broken_constraint_is_a_conflict_and_not_fatal) {
    auto connection = open();
    ASSERT_TRUE(connection.script("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)"));
    auto again = connection.execute("INSERT INTO t VALUES ($1)", {1});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
    EXPECT_FALSE(is_fatal(again.error()));
}

TEST_F(ConnectionTest, a_failed_savepoint_undoes_only_itself) {
    auto connection = open();
    ASSERT_TRUE(connection.script("CREATE TABLE t (a INTEGER PRIMARY KEY)"));
    auto done = connection.transaction([&]() -> Result<void> {
        EXPECT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
        auto failed = connection.savepoint([&]() -> Result<void> {
            EXPECT_TRUE(connection.execute("INSERT INTO t VALUES (2)"));
            return Error{.kind = ErrorKind::not_found, .message = "no"};
        });
        EXPECT_EQ(failed.error().kind, ErrorKind::not_found);
        return connection.savepoint([&]() -> Result<void> {
            EXPECT_TRUE(connection.execute("INSERT INTO t VALUES (3)"));
            return {};
        });
    });
    ASSERT_TRUE(done);
    EXPECT_EQ(*query_number(connection, "SELECT sum(a) FROM t"), 4);
}

TEST_F(ConnectionTest, an_error_in_a_transaction_rolls_it_back) {
    auto connection = open();
    ASSERT_TRUE(connection.script("CREATE TABLE t (a INTEGER PRIMARY KEY)"));
    auto done = connection.transaction([&]() -> Result<void> {
        EXPECT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
        return Error{.kind = ErrorKind::invalid, .message = "no"};
    });
    EXPECT_FALSE(done);
    EXPECT_FALSE(connection.in_transaction());
    EXPECT_EQ(*query_number(connection, "SELECT count(*) FROM t"), 0);
}

TEST_F(ConnectionTest, a_reader_cannot_write_and_sees_what_was_committed) {
    auto writer = open();
    ASSERT_TRUE(writer.script("CREATE TABLE t (a BIGINT)"));
    auto reader = open(Access::read);
    EXPECT_FALSE(reader.execute("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(writer.execute("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(*query_number(reader, "SELECT count(*) FROM t"), 1);
}

TEST_F(ConnectionTest, commits_reach_the_log_and_a_checkpoint_empties_it) {
    auto connection = open();
    ASSERT_TRUE(connection.script("CREATE TABLE t (a BIGINT)"));
    EXPECT_GT(connection.log_pages(), 0);
    auto copied = connection.checkpoint(CheckpointMode::restart);
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_EQ(copied->log_pages, copied->copied_pages);
    const auto before = std::filesystem::file_size(path + "-wal");
    ASSERT_TRUE(connection.execute("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(std::filesystem::file_size(path + "-wal"), before) << "the log began anew instead of growing";
}

TEST_F(ConnectionTest, a_missing_database_cannot_be_opened_for_reading) {
    auto opened = Connection::open({.path = folder.path("absent.db")}, Access::read);
    EXPECT_FALSE(opened);
}

TEST_F(ConnectionTest, a_file_that_is_no_database_is_named) {
    folder.write("test.db", std::string(8192, 'x'));
    auto opened = Connection::open({.path = path}, Access::write);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("not a database"), std::string::npos) << opened.error().message;
}

TEST(Sqlite, versions_that_can_damage_the_file_are_refused) {
    EXPECT_FALSE(check_sqlite_version(3'040'001));
    EXPECT_FALSE(check_sqlite_version(3'051'002));
    EXPECT_TRUE(check_sqlite_version(3'051'003));
    EXPECT_TRUE(check_sqlite_version(3'054'001));
}

}  // namespace
}  // namespace punkt::db

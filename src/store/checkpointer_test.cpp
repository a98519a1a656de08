#include "store/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "testing/scratch_folder.h"

namespace punkt::store {
namespace {

class CheckpointerTest : public ::testing::Test {
  protected:
    CheckpointerTest() {
        EXPECT_TRUE(writing.script("PRAGMA synchronous = OFF; CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)"));
    }
    static db::Connection open(const std::string& path, db::Access access) {
        auto opened = db::Connection::open({.path = path}, access);
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    /// About 11 pages.
    void write() { ASSERT_TRUE(writing.execute("INSERT INTO t (b) VALUES ($1)", {db::Bytes{blob}})); }
    std::uintmax_t log_bytes() { return std::filesystem::file_size(path + "-wal"); }

    punkt::testing::ScratchFolder folder;
    std::string path = folder.path("test.db");
    db::Connection writing = open(path, db::Access::write);
    std::string blob = std::string(40'000, 'x');
    Checkpointer::Options options{
        .step_pages = 100, .log_pages_max = 400, .rest_pages_max = 150, .log_pages_hard = 1'600};
};

TEST_F(CheckpointerTest, the_log_stays_short_under_constant_writing) {
    Checkpointer checkpointer(open(path, db::Access::write), options, [](const Error&) { FAIL(); });
    for (int i = 0; i < 1'000; ++i) {
        write();
        if (checkpointer.committed(writing.log_pages()))
            checkpointer.restarted(writing.checkpoint(db::CheckpointMode::restart).has_value());
    }
    // At the hard limit the writer itself copies the rest, so it can only be one transaction longer.
    EXPECT_LE(log_bytes(), (1'600u + 20) * 4'120);
}

TEST_F(CheckpointerTest, a_reader_that_stays_makes_the_log_wait_and_is_not_waited_for) {
    Checkpointer checkpointer(open(path, db::Access::write), options, [](const Error&) { FAIL(); });
    auto reader = open(path, db::Access::read);
    ASSERT_TRUE(reader.begin());
    EXPECT_EQ(*db::query_number(reader, "SELECT count(*) FROM t"), 0);
    int tries = 0;
    const auto write_some = [&] {
        for (int i = 0; i < 300; ++i) {
            write();
            if (!checkpointer.committed(writing.log_pages())) continue;
            ++tries;
            checkpointer.restarted(writing.checkpoint(db::CheckpointMode::restart).has_value());
        }
    };
    write_some();
    EXPECT_GT(writing.log_pages(), 3'000);
    EXPECT_LT(tries, 40) << "tried after each step, not after each commit";
    ASSERT_TRUE(reader.commit());
    write_some();
    EXPECT_LT(writing.log_pages(), 1'700);
}

}  // namespace
}  // namespace punkt::store

#include "store/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/file_lock.h"
#include "store/task_writes.h"
#include "testing/test_store.h"

namespace punkt::store {
namespace {

constexpr Timestamp noon = from_ms(1'800'000'000'000);

class BackupTest : public ::testing::Test {
  protected:
    void insert(int count) {
        for (int i = 0; i < count; ++i) {
            Task task;
            task.id = ids.next(noon);
            task.organization = 7;
            task.name = task.url = "http://example.test";
            task.scheduled_at = task.created_at = task.updated_at = noon;
            const Timer timer{.id = task.id,
                              .task = task.id,
                              .organization = 7,
                              .first = task.id,
                              .due = noon,
                              .scheduled_for = noon};
            ASSERT_TRUE(store.write([&](Done done) {
                return std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task), timer},
                                                     std::move(done));
            }));
        }
    }
    std::int64_t tasks() { return *db::query_number(store.reader(), "SELECT count(*) FROM task"); }
    static std::string content(const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    punkt::testing::TestStore store;
    punkt::testing::ScratchFolder elsewhere;
    std::string file = elsewhere.path("backup.db");
    IdMaker ids;
};

TEST_F(BackupTest, a_backup_of_a_running_store_comes_back) {
    insert(5);
    auto made = back_up(store.folder().database(), file);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->tasks, 5);
    EXPECT_EQ(made->timers, 5);
    EXPECT_FALSE(std::filesystem::exists(file + "-wal")) << "it stands alone";
    insert(3);
    store.stop();
    auto restored = restore(file, store.path(), noon);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(*restored, *made);
    store.start();
    EXPECT_EQ(tasks(), 5);
    insert(1);
    EXPECT_EQ(tasks(), 6);
    // What was there before is kept, and is itself something to restore from.
    const std::string aside = store.path() + "/before-restore-2027-01-15T08:00:00.000Z/punkt.db";
    ASSERT_TRUE(std::filesystem::exists(aside));
    store.stop();
    auto back = restore(aside, store.path(), noon + Milliseconds{1});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->tasks, 8);
}

TEST_F(BackupTest, an_empty_folder_can_be_restored_into) {
    insert(2);
    ASSERT_TRUE(back_up(store.folder().database(), file));
    auto restored = restore(file, elsewhere.path("new/data"), noon);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->tasks, 2);
}

TEST_F(BackupTest, a_running_server_is_not_overwritten) {
    insert(1);
    ASSERT_TRUE(back_up(store.folder().database(), file));
    auto refused = restore(file, store.path(), noon);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_NE(refused.error().message.find("in use"), std::string::npos) << refused.error().message;
}

TEST_F(BackupTest, an_existing_file_is_not_overwritten) {
    elsewhere.write("backup.db", "precious");
    auto refused = back_up(store.folder().database(), file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_EQ(content(file), "precious");
}

TEST_F(BackupTest, a_damaged_backup_changes_nothing) {
    insert(200);
    ASSERT_TRUE(back_up(store.folder().database(), file));
    const std::string good = content(file);
    store.stop();
    const std::string before = content(DataFolder::database_path(store.path()));
    std::string torn = good.substr(0, good.size() / 2);
    std::string flipped = good;
    for (std::size_t i = 4096; i < flipped.size(); i += 1'000) flipped[i] = static_cast<char>(~flipped[i]);
    for (const std::string& bad : {torn, flipped, std::string("no database"), std::string()}) {
        elsewhere.write("bad.db", bad);
        auto refused = restore(elsewhere.path("bad.db"), store.path(), noon);
        ASSERT_FALSE(refused) << bad.size();
        EXPECT_EQ(content(DataFolder::database_path(store.path())), before);
    }
    EXPECT_FALSE(restore(elsewhere.path("absent.db"), store.path(), noon));
    store.start();
    EXPECT_EQ(tasks(), 200);
}

TEST_F(BackupTest, a_backup_of_a_newer_version_is_refused) {
    ASSERT_TRUE(back_up(store.folder().database(), file));
    {
        auto connection = db::Connection::open({.path = file}, db::Access::write);
        ASSERT_TRUE(connection->execute("INSERT INTO migration VALUES (9999, 'future', 0)"));
    }
    store.stop();
    auto refused = restore(file, store.path(), noon);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

TEST_F(BackupTest, the_store_itself_refuses_newer_data_and_leaves_it_as_it_is) {
    store.stop();
    const std::string database = DataFolder::database_path(store.path());
    {
        auto connection = db::Connection::open({.path = database}, db::Access::write);
        ASSERT_TRUE(connection->execute("INSERT INTO migration VALUES (9999, 'future', 0)"));
    }
    const std::string before = content(database);
    auto refused = DataFolder::open(store.path(), noon);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("newer Punkt"), std::string::npos) << refused.error().message;
    EXPECT_EQ(content(database), before);
    std::filesystem::remove_all(store.path());
    store.start();
}

TEST_F(BackupTest, a_second_process_is_told_who_has_the_data) {
    auto second = DataFolder::open(store.path(), noon);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace punkt::store

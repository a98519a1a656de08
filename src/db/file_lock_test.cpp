#include "db/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "testing/scratch_folder.h"

namespace punkt::db {
namespace {

TEST(FileLock, the_second_one_is_refused_and_told_who_holds_it) {
    const testing::ScratchFolder folder;
    const std::string path = folder.path("lock");
    auto first = FileLock::take(path);
    ASSERT_TRUE(first);
    auto second = FileLock::take(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos) << second.error().message;
}

TEST(FileLock, is_free_again_afterwards) {
    const testing::ScratchFolder folder;
    const std::string path = folder.path("lock");
    { auto first = FileLock::take(path); }
    EXPECT_TRUE(FileLock::take(path));
}

}  // namespace
}  // namespace punkt::db

#include "app/saved_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "testing/scratch_folder.h"

namespace punkt::app {
namespace {

TEST(SavedKey, comes_back_and_is_for_the_owner_only) {
    const testing::ScratchFolder folder;
    ASSERT_TRUE(keep_first_key(folder.path(), "pk.sk"));
    EXPECT_EQ(saved_key(folder.path()), "pk.sk");
    struct stat about = {};
    ASSERT_EQ(::stat(saved_key_path(folder.path()).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(SavedKey, replaces_an_earlier_one_and_leaves_nothing_beside_it) {
    const testing::ScratchFolder folder;
    folder.write("api_key.new", "half a k");
    ASSERT_TRUE(keep_first_key(folder.path(), "one"));
    ASSERT_TRUE(keep_first_key(folder.path(), "two"));
    EXPECT_EQ(saved_key(folder.path()), "two");
    EXPECT_FALSE(std::filesystem::exists(folder.path("api_key.new")));
}

TEST(SavedKey, that_cannot_be_written_is_an_error_with_the_path) {
    auto refused = keep_first_key("/nowhere/at/all", "x");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("/nowhere/at/all/api_key"));
    EXPECT_EQ(saved_key("/nowhere/at/all"), "");
}

}  // namespace
}  // namespace punkt::app

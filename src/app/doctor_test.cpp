#include "app/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "store/data_folder.h"
#include "testing/scratch_folder.h"

namespace punkt::app {
namespace {

using ::testing::HasSubstr;

class DoctorTest : public ::testing::Test {
  protected:
    DoctorTest() { config.data.directory = folder.path(); }
    Finding find(std::string_view what) {
        for (auto& finding : examine_machine(config))
            if (finding.what == what) return finding;
        ADD_FAILURE() << "nothing about " << what;
        return {};
    }
    void make_database() {
        auto made = store::DataFolder::open(folder.path(), SystemClock().now());
        ASSERT_TRUE(made) << made.error().message;
    }

    testing::ScratchFolder folder;
    Config config;
};

TEST_F(DoctorTest, finds_nothing_wrong_with_a_fresh_database) {
    make_database();
    for (const char* what : {"data directory", "SQLite", "database", "clock", "time zones"}) {
        const Finding finding = find(what);
        EXPECT_EQ(finding.level, Finding::Level::ok) << what << ": " << finding.detail;
    }
    EXPECT_THAT(find("database").detail, HasSubstr("sound, schema"));
}

TEST_F(DoctorTest, leaves_nothing_behind) {
    (void)examine_machine(config);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    config.data.directory = folder.path("later");
    EXPECT_EQ(find("data directory").level, Finding::Level::ok);
    EXPECT_EQ(find("free space").detail.find("cannot"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path("later")));
}

TEST_F(DoctorTest, sees_a_damaged_database) {
    folder.write("punkt.db", std::string(8'192, 'x'));
    const Finding finding = find("database");
    EXPECT_EQ(finding.level, Finding::Level::fail);
    EXPECT_THAT(finding.detail, HasSubstr("restore"));
}

TEST_F(DoctorTest, sees_a_damaged_page_inside) {
    make_database();
    const std::string path = store::DataFolder::database_path(folder.path());
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'096);
    file << std::string(4'096, '\xA5');
    file.close();
    EXPECT_EQ(find("database").level, Finding::Level::fail);
}

TEST_F(DoctorTest, sees_a_clock_that_was_set_back) {
    make_database();
    std::filesystem::last_write_time(store::DataFolder::database_path(folder.path()),
                                     std::filesystem::file_time_type::clock::now() + std::chrono::hours(48));
    const Finding finding = find("clock");
    EXPECT_EQ(finding.level, Finding::Level::warn);
    EXPECT_THAT(finding.detail, HasSubstr("set the clock"));
}

TEST_F(DoctorTest, sees_a_certificate_file_that_is_not_there) {
    config.client.ca_file = "/nowhere/ca.pem";
    const Finding finding = find("certificates");
    EXPECT_EQ(finding.level, Finding::Level::fail);
    EXPECT_THAT(finding.detail, HasSubstr("/nowhere/ca.pem"));
}

TEST_F(DoctorTest, sees_a_data_directory_that_is_a_file) {
    folder.write("file", "x");
    config.data.directory = folder.path("file");
    EXPECT_EQ(find("data directory").level, Finding::Level::fail);
}

}  // namespace
}  // namespace punkt::app

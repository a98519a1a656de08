#include "store/start_log.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/scratch_folder.h"

namespace punkt::store {
namespace {

using namespace std::chrono_literals;
constexpr Timestamp noon = from_ms(1'800'000'000'000);

TEST(StartLog, remembers_what_started_across_a_restart_in_order) {
    const testing::ScratchFolder folder;
    const std::string path = folder.path() + "/starts.bin";
    {
        auto log = *StartLog::open(path);
        log.note({.scope = 7, .at = noon, .until = noon + 1min});
        log.note({.scope = 8, .at = noon + 1s, .until = noon + 1h});
    }
    const auto found = StartLog::open(path)->noted();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].scope, 7u);
    EXPECT_EQ(found[1].at, noon + 1s);
    EXPECT_EQ(found[1].until, noon + 1h);
}

TEST(StartLog, keeps_all_that_still_count_and_uses_the_places_of_others_again) {
    const testing::ScratchFolder folder;
    auto log = *StartLog::open(folder.path() + "/starts.bin");
    for (int i = 0; i < 10'000; ++i) log.note({.scope = 1, .at = noon + i * 1ms, .until = noon + 24h});
    for (int i = 0; i < 80'000; ++i) log.note({.scope = 2, .at = noon + i * 1s, .until = noon + i * 1s + 1s});
    const auto found = log.noted();
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [](const auto& one) { return one.scope == 1; }), 10'000);
    EXPECT_LE(found.size(), 25'000u);
}

TEST(StartLog, begins_anew_over_what_is_none) {
    const testing::ScratchFolder folder;
    folder.write("starts.bin", std::string(5'000, 'x'));
    EXPECT_TRUE(StartLog::open(folder.path() + "/starts.bin")->noted().empty());
}

}  // namespace
}  // namespace punkt::store

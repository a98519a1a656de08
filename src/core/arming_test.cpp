#include "core/arming.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

Task once(Surface surface, std::string queue = {}) {
    return {.id = 7, .organization = 3, .surface = surface, .scheduled_at = from_ms(1'000), .queue = std::move(queue)};
}

TEST(Arming, a_task_without_a_queue_has_no_lane) { EXPECT_EQ(lane_of(once(Surface::native)), 0U); }

TEST(Arming, each_foreign_surface_has_one_lane_for_an_organization) {
    EXPECT_EQ(lane_of(once(Surface::qron)), qron_lane(3));
    EXPECT_EQ(lane_of(once(Surface::tiktak)), tiktak_lane(3));
    EXPECT_NE(qron_lane(3), tiktak_lane(3));
    EXPECT_NE(qron_lane(3), qron_lane(4));
}

TEST(Arming, a_named_queue_is_never_the_lane_of_a_surface) {
    EXPECT_EQ(lane_of(once(Surface::qron, "mail")), lane_of(once(Surface::native, "mail")));
    EXPECT_NE(lane_of(once(Surface::native, "qron")), qron_lane(3));
}

TEST(Arming, a_task_that_queues_its_own_runs_has_a_lane_of_its_own) {
    Task task = once(Surface::native);
    task.kind = TaskKind::cron;
    EXPECT_EQ(lane_of(task), 0U);
    task.overlap = Overlap::queue;
    const Lane own = lane_of(task);
    EXPECT_NE(own, 0U);
    task.id = 8;
    EXPECT_NE(lane_of(task), own);
}

TEST(Arming, the_first_timer_of_a_one_time_task_is_its_first_attempt) {
    const auto timer = first_timer(once(Surface::qron));
    ASSERT_TRUE(timer);
    EXPECT_EQ(timer->id, 7);
    EXPECT_EQ(timer->first, 7);
    EXPECT_EQ(timer->due, from_ms(1'000));
    EXPECT_EQ(timer->lane, qron_lane(3));
}

}  // namespace
}  // namespace punkt

#include "app/directory.h"

#include <gtest/gtest.h>

namespace punkt::app {
namespace {

TEST(Directory, named_queues_are_serial_and_surfaces_have_their_own_limits) {
    accounts::OrganizationBook book;
    book.put({.id = 3, .name = "a", .webhook_secret = "whsec_3"});
    const store::QueueBook queues;
    const OrganizationDirectory directory(book, queues, {.tiktak_concurrency = 4, .qron_concurrency = 2});
    EXPECT_EQ(directory.lane(3, lane_of(3, "mail")).concurrency, 1);
    EXPECT_EQ(directory.lane(3, tiktak_lane(3)).concurrency, 4);
    EXPECT_EQ(directory.lane(3, qron_lane(3)).concurrency, 2);
    EXPECT_EQ(directory.webhook_secrets(3, from_ms(1)).current, "whsec_3");
    EXPECT_EQ(directory.webhook_secrets(4, from_ms(1)).current, "");
}

TEST(Directory, without_a_limit_qron_jobs_do_not_wait_for_each_other) {
    const accounts::OrganizationBook book;
    const store::QueueBook queues;
    EXPECT_GT(OrganizationDirectory(book, queues, {}).lane(3, qron_lane(3)).concurrency, 1'000'000);
}

TEST(Directory, a_queue_is_as_its_organization_has_set_it) {
    const accounts::OrganizationBook book;
    store::QueueBook queues;
    const OrganizationDirectory directory(book, queues, {});
    queues.put({.organization = 3,
                .name = "mail",
                .is_paused = true,
                .concurrency = 4,
                .rate = Rate{.count = 10},
                .on_failure = OnFailure::skip});
    EXPECT_EQ(directory.lane(3, lane_of(3, "mail")),
              (engine::LaneSettings{
                  .is_paused = true, .concurrency = 4, .rate = Rate{.count = 10}, .on_failure = OnFailure::skip}));
    EXPECT_EQ(directory.lane(4, lane_of(4, "mail")), engine::LaneSettings{});
}

}  // namespace
}  // namespace punkt::app

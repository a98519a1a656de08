#include "app/directory.h"

#include <gtest/gtest.h>

namespace punkt::app {
namespace {

TEST(Directory, named_queues_are_serial_and_surfaces_have_their_own_limits) {
    accounts::OrganizationBook book;
    book.put({.id = 3, .name = "a", .webhook_secret = "whsec_3"});
    const OrganizationDirectory directory(book, {.tiktak_concurrency = 4, .qron_concurrency = 2});
    EXPECT_EQ(directory.lane(3, lane_of(3, "mail")).concurrency, 1);
    EXPECT_EQ(directory.lane(3, tiktak_lane(3)).concurrency, 4);
    EXPECT_EQ(directory.lane(3, qron_lane(3)).concurrency, 2);
    EXPECT_EQ(directory.webhook_secret(3), "whsec_3");
    EXPECT_EQ(directory.webhook_secret(4), "");
}

TEST(Directory, without_a_limit_qron_jobs_do_not_wait_for_each_other) {
    const accounts::OrganizationBook book;
    EXPECT_GT(OrganizationDirectory(book, {}).lane(3, qron_lane(3)).concurrency, 1'000'000);
}

}  // namespace
}  // namespace punkt::app

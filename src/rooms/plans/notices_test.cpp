#include "rooms/plans/notices.h"

#include <gtest/gtest.h>

#include "testing/test_store.h"

namespace punkt::plans {
namespace {

const Timestamp noon = from_ms(1'800'000'000'000);

struct SetClock final : Clock {
    Timestamp now() const override { return at; }
    Microseconds elapsed() const override { return Microseconds{0}; }
    Timestamp at = noon;
};

class NoticesTest : public ::testing::Test {
  protected:
    void use(std::int64_t runs) {
        quotas.counted({{.organization = 7, .day = store::day_of(clock.at), .executions = runs, .attempts = runs}});
    }
    /// Steps and answers how many notices there are.
    std::int64_t notices_after_step() {
        notices.step(clock.at);
        EXPECT_TRUE(store.write([](store::Done done) {
            return store::make_write([](db::Connection&) { return Result<void>(); }, std::move(done));
        }));
        return *db::query_number(store.reader(), "SELECT count(*) FROM task WHERE surface = 3");
    }

    SetClock clock;
    IdMaker ids;
    testing::TestStore store;
    store::Quotas quotas{clock, {.plans = {{.name = "ten", .executions_per_month = 10}}, .standard = "ten"}};
    std::string url = "http://target.test/notices";
    std::vector<std::string> urls{url};
    Notices notices{quotas, store.writer(), ids, [this](Id) { return urls; }};
};

TEST_F(NoticesTest, each_share_is_told_once_a_month_also_after_a_restart) {
    use(7);
    EXPECT_EQ(notices_after_step(), 0);
    use(1);
    EXPECT_EQ(notices_after_step(), 1);
    use(1);
    EXPECT_EQ(notices_after_step(), 1);
    use(1);
    EXPECT_EQ(notices_after_step(), 2);
    quotas.choose(7, {});  // forgets what was told, as a restart does
    EXPECT_EQ(notices_after_step(), 2);
    clock.at += std::chrono::days{31};
    use(8);
    EXPECT_EQ(notices_after_step(), 3);
}

TEST_F(NoticesTest, who_passes_both_at_once_hears_of_the_greater) {
    use(30);
    EXPECT_EQ(notices_after_step(), 1);
    EXPECT_EQ(*db::query_number(store.reader(), "SELECT percent FROM quota_notice"), 100);
    EXPECT_EQ(store.events().take_armed().size(), 1u) << "it is on its way";
}

TEST_F(NoticesTest, the_webhook_and_the_mail_address_are_told) {
    urls.push_back("mailto:ops@example.org");
    use(10);
    EXPECT_EQ(notices_after_step(), 2);
    const Task mail = notice_task({.organization = 7, .percent = 100, .state = quotas.state(7)}, urls[1], noon);
    EXPECT_EQ(mail.headers[0].first, "subject");
    EXPECT_NE(mail.body->find("New work is refused"), std::string::npos);
}

TEST_F(NoticesTest, without_an_address_it_is_noted_and_logged_only) {
    urls.clear();
    use(10);
    EXPECT_EQ(notices_after_step(), 0);
    EXPECT_EQ(*db::query_number(store.reader(), "SELECT count(*) FROM quota_notice"), 1);
}

TEST_F(NoticesTest, the_words_say_what_follows) {
    use(10);
    auto passed = quotas.take_passed().front();
    const auto hard = json::Document::parse(*notice_task(passed, url, noon).body);
    EXPECT_EQ(hard->root()["event"].string(), "limit_reached");
    EXPECT_NE(hard->root()["text"].text().find("New work is refused"), std::string::npos);
    passed.state.plan.limit = Plan::Limit::soft;
    const auto soft = json::Document::parse(*notice_task(passed, url, noon).body);
    EXPECT_NE(soft->root()["content"].text().find("Nothing is refused"), std::string::npos);
    EXPECT_EQ(soft->root()["data"]["percent"].integer(), 100);
}

}  // namespace
}  // namespace punkt::plans

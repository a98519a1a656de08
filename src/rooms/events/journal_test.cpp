// The journal and the keeper on a real store.
#include "rooms/events/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rooms/events/keeper.h"
#include "store/task_edits.h"
#include "testing/builders.h"
#include "testing/manual_clock.h"
#include "testing/test_store.h"

namespace punkt::events {
namespace {

using punkt::testing::a_task;
using punkt::testing::ManualClock;
using punkt::testing::TestStore;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct House {
    explicit House(Keeper::Options options = {})
        : journal(ids, public_ids, clock, hub, metrics), keeper_options(options) {
        store.restart_with(journal);
        make_keeper();
    }
    void make_keeper() { keeper = std::make_unique<Keeper>(store.writer(), journal, hub, ids, clock, keeper_options); }
    void watch(Id organization = 1) {
        std::promise<Result<void>> done;
        keeper->watch(organization, [&](Result<void> result) { done.set_value(std::move(result)); });
        EXPECT_TRUE(done.get_future().get());
    }
    TaskPtr add(Purpose purpose = Purpose::user) {
        const Id id = ids.next(clock.now());
        Task task = a_task({.id = id, .due = clock.now()});
        task.purpose = purpose;
        const auto added = std::make_shared<const Task>(std::move(task));
        EXPECT_TRUE(store.write([&](store::Done done) {
            return std::make_unique<store::InsertTasks>(store::NewTask{added, first_timer(*added)}, std::move(done));
        }));
        return added;
    }
    /// Its only attempt ends.
    void end(const TaskPtr& task, Status status = Status::success) {
        store::Transition transition{.timer = *first_timer(*task), .task = task};
        transition.record =
            Execution{.id = task->id, .task = task->id, .organization = 1, .first = task->id, .status = status};
        EXPECT_TRUE(store.record(std::move(transition)));
    }
    void subscribe(std::string types) {
        journal.subscribed({.id = ids.next(clock.now()), .organization = 1, .url = "http://a.test/", .types = types});
    }
    std::vector<std::string> kept(Id after = 0) {
        std::vector<std::string> types;
        const auto events = read_events(store.reader(), 1, after, 1'000).value();
        for (const Event& event : events) types.emplace_back(word(event.type));
        return types;
    }
    std::int64_t deliveries() {
        return db::query_number(store.reader(),
                                "SELECT count(*) FROM task WHERE url = 'http://a.test/' AND surface = 3")
            .value();
    }
    /// A chore, and everything it submitted.
    void tend() {
        do {
            keeper->step();
            EXPECT_TRUE(store.write([](store::Done done) {
                return store::make_write([](db::Connection&) -> Result<void> { return {}; }, std::move(done));
            }));
        } while (keeper->step());
        EXPECT_TRUE(store.write([](store::Done done) {
            return store::make_write([](db::Connection&) -> Result<void> { return {}; }, std::move(done));
        }));
    }

    ManualClock clock;
    IdMaker ids;
    PublicIds public_ids{PublicIds::Key{}};
    Metrics metrics;
    Hub hub{public_ids, clock, {}};
    EventJournal journal;
    Keeper::Options keeper_options;
    TestStore store;
    std::unique_ptr<Keeper> keeper;
};

TEST(EventJournal, keeps_nothing_of_organizations_that_nobody_listens_to) {
    House house;
    house.end(house.add());
    house.watch(2);
    house.end(house.add());
    EXPECT_THAT(house.kept(), IsEmpty());
}

TEST(EventJournal, keeps_events_in_the_order_of_the_commits_across_a_restart) {
    House house;
    house.watch();
    const auto task = house.add();
    house.end(task, Status::failed);
    house.store.restart();
    EventJournal again(house.ids, house.public_ids, house.clock, house.hub, house.metrics);
    ASSERT_TRUE(again.load(house.store.reader()));
    house.store.restart_with(again);
    house.end(house.add());
    EXPECT_THAT(house.kept(), ElementsAre("task.created", "execution.failed", "task.created", "execution.succeeded"));
    const auto first = read_events(house.store.reader(), 1, 0, 1).value();
    EXPECT_THAT(house.kept(first.at(0).id), ElementsAre("execution.failed", "task.created", "execution.succeeded"));
    house.store.stop();  // before the second journal goes
}

TEST(EventJournal, queues_a_webhook_for_each_subscription_that_wants_it) {
    House house;
    house.subscribe("execution.succeeded");
    house.subscribe("execution.*");
    house.subscribe("task.deleted");
    house.end(house.add());
    EXPECT_EQ(house.deliveries(), 2);
    EXPECT_THAT(house.kept(), IsEmpty());
}

TEST(EventJournal, queues_none_for_what_its_own_tasks_do) {
    House house;
    house.subscribe("*");
    house.watch();
    house.end(house.add(Purpose::event));
    EXPECT_EQ(house.deliveries(), 0);
    EXPECT_THAT(house.kept(), ElementsAre("task.created", "execution.succeeded"));  // for listeners who ask
}

TEST(EventJournal, sends_nothing_to_a_disabled_subscription) {
    House house;
    house.journal.subscribed({.id = 5, .organization = 1, .url = "http://a.test/", .enabled = false});
    house.end(house.add());
    EXPECT_EQ(house.deliveries(), 0);
}

TEST(Keeper, forgets_what_is_old_and_says_from_where_on_nothing_is_missing) {
    House house({.keep = std::chrono::hours{2}, .forgotten_max = 3});
    house.watch();
    for (int i = 0; i < 5; ++i) house.add();
    const Id since = house.journal.watch_of(1)->since;
    house.clock.advance(std::chrono::minutes{90});
    house.watch();
    house.add();
    house.clock.advance(std::chrono::minutes{60});
    house.tend();
    EXPECT_THAT(house.kept(), ElementsAre("task.created"));
    const Watch watch = *house.journal.watch_of(1);
    EXPECT_GT(watch.since, since);
    EXPECT_EQ(watch.kept, 1);
}

TEST(Keeper, keeps_no_more_than_so_many) {
    House house({.kept_max = 4, .forgotten_max = 2});
    house.watch();
    for (int i = 0; i < 9; ++i) house.add();
    house.tend();
    house.tend();
    house.tend();
    EXPECT_EQ(house.kept().size(), 4u);
}

TEST(Keeper, ends_a_watch_when_nobody_has_listened_for_long) {
    House house({.keep = std::chrono::hours{2}});
    house.watch();
    house.add();
    house.clock.advance(std::chrono::hours{3});
    house.tend();
    house.tend();
    EXPECT_FALSE(house.journal.watch_of(1));
    house.add();
    EXPECT_THAT(house.kept(), IsEmpty());
    house.watch();
    house.add();
    EXPECT_EQ(house.kept().size(), 1u);
}

TEST(Keeper, goes_on_watching_while_somebody_listens) {
    House house({.keep = std::chrono::hours{2}});
    house.watch();
    const auto listener = house.hub.listen(1, {});
    for (int hour = 0; hour < 5; ++hour) {
        house.clock.advance(std::chrono::hours{1});
        house.tend();
    }
    EXPECT_TRUE(house.journal.watch_of(1));
}

/// An event webhook to the subscription ends for good.
void end_delivery(House& house, Status status, std::optional<int> code = std::nullopt) {
    Task task = a_task({.id = house.ids.next(house.clock.now()), .due = house.clock.now()});
    task.url = "http://a.test/";
    task.surface = Surface::system;
    task.purpose = Purpose::event;
    const auto added = std::make_shared<const Task>(std::move(task));
    ASSERT_TRUE(house.store.write([&](store::Done done) {
        return std::make_unique<store::InsertTasks>(store::NewTask{added, first_timer(*added)}, std::move(done));
    }));
    store::Transition transition{.timer = *first_timer(*added), .task = added};
    transition.record = Execution{.id = added->id,
                                  .task = added->id,
                                  .organization = 1,
                                  .first = added->id,
                                  .status = status,
                                  .status_code = code};
    ASSERT_TRUE(house.store.record(std::move(transition)));
}

Subscription stored_one(House& house) {
    Subscription subscription{.id = house.ids.next(house.clock.now()), .organization = 1, .url = "http://a.test/"};
    EXPECT_TRUE(house.store.write([&](store::Done done) {
        return store::make_write(
            [subscription](db::Connection& connection) { return insert_subscription(connection, subscription); },
            std::move(done));
    }));
    house.journal.subscribed(subscription);
    return subscription;
}

TEST(EventJournal, disables_a_subscription_whose_deliveries_were_all_lost_for_days) {
    House house;
    stored_one(house);
    const auto now_stored = [&] { return list_subscriptions(house.store.reader()).value().front(); };
    for (int i = 0; i < lost_min + 5; ++i) end_delivery(house, Status::failed);
    EXPECT_TRUE(now_stored().enabled) << "many, but only for a moment";
    EXPECT_EQ(now_stored().lost, lost_min + 5);
    house.clock.advance(failing_max);
    end_delivery(house, Status::timeout);
    EXPECT_FALSE(now_stored().enabled);
    EXPECT_NE(now_stored().disabled_reason, "");
    EXPECT_FALSE(house.journal.subscriptions_of(1).front().enabled);
    EXPECT_EQ(db::query_number(house.store.reader(), "SELECT count(*) FROM audit_entry").value(), 1);
    end_delivery(house, Status::failed);
    EXPECT_EQ(db::query_number(house.store.reader(), "SELECT count(*) FROM audit_entry").value(), 1) << "once";
}

TEST(EventJournal, a_delivery_that_arrives_forgives_those_before_it) {
    House house;
    stored_one(house);
    for (int i = 0; i < lost_min; ++i) end_delivery(house, Status::failed);
    end_delivery(house, Status::success);
    EXPECT_FALSE(list_subscriptions(house.store.reader()).value().front().failing_since);
    house.clock.advance(failing_max);
    end_delivery(house, Status::failed);
    const auto subscription = list_subscriptions(house.store.reader()).value().front();
    EXPECT_TRUE(subscription.enabled);
    EXPECT_EQ(subscription.lost, 1);
}

TEST(EventJournal, what_fails_of_other_tasks_says_nothing_about_a_subscription) {
    House house;
    stored_one(house);
    house.end(house.add(Purpose::callback), Status::failed);
    house.end(house.add(), Status::failed);
    EXPECT_EQ(list_subscriptions(house.store.reader()).value().front().lost, 0);
}

TEST(Subscription, is_disabled_at_once_by_a_target_that_is_gone_and_enabled_by_hand_with_a_clean_slate) {
    const Subscription fine{.url = "http://a.test/"};
    auto gone = after_delivery(fine, Delivery::gone, from_ms(1));
    ASSERT_TRUE(gone);
    EXPECT_FALSE(gone->enabled);
    EXPECT_FALSE(after_delivery(*gone, Delivery::arrived, from_ms(2))) << "what was queued before changes nothing";
    set_enabled(*gone, true);
    EXPECT_TRUE(gone->enabled);
    EXPECT_EQ(gone->disabled_reason, "");
    EXPECT_FALSE(gone->failing_since);
    EXPECT_FALSE(after_delivery(fine, Delivery::arrived, from_ms(2)));
}

}  // namespace
}  // namespace punkt::events

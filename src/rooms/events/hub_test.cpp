#include "rooms/events/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/manual_clock.h"

namespace punkt::events {
namespace {

using punkt::testing::ManualClock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Sign = News::Sign;

/// What one listener heard: the types of its events, or the sign.
class Heard {
  public:
    explicit Heard(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) { listen(); }
    std::vector<std::string> take() { return std::exchange(lines_, {}); }
    Listener& listener() { return *listener_; }

  private:
    void listen() {
        listener_->wait([this](News news) {
            for (const auto& frame : news.frames) {
                const auto from = frame->find("event: ") + 7;
                lines_.push_back(frame->substr(from, frame->find('\n', from) - from));
            }
            if (news.sign == Sign::heartbeat) lines_.emplace_back("heartbeat");
            if (news.sign == Sign::lagging) lines_.emplace_back("lagging");
            if (news.sign == Sign::closing) lines_.emplace_back("closing");
            is_waiting_ = false;
        });
    }

  public:
    /// The hub calls back under its lock: the next wait comes from outside, as in the stream.
    void again() {
        if (!std::exchange(is_waiting_, true)) listen();
    }

  private:
    std::shared_ptr<Listener> listener_;
    std::vector<std::string> lines_;
    bool is_waiting_ = true;
};

struct House {
    explicit House(Hub::Options options = {}) : hub(ids, clock, options) {}
    std::shared_ptr<Listener> listen(Id organization = 1, Filter filter = {}) {
        auto listener = hub.listen(organization, std::move(filter));
        EXPECT_TRUE(listener);
        EXPECT_TRUE((*listener)->attach());
        return *listener;
    }
    Event event(Id id, EventType type = EventType::task_created, Id organization = 1) {
        return {.id = id, .organization = organization, .type = type, .task = 7, .data = "{}"};
    }
    PublicIds ids{PublicIds::Key{}};
    ManualClock clock;
    Hub hub;
};

TEST(Hub, tells_each_listener_of_its_organization_what_it_wants) {
    House house;
    Filter failures;
    failures.types = *event_types_from("execution.failed,task.*");
    Heard all(house.listen()), some(house.listen(1, failures)), others(house.listen(2));
    house.hub.publish(
        {house.event(1), house.event(2, EventType::execution_succeeded), house.event(3, EventType::execution_failed)});
    EXPECT_THAT(all.take(), ElementsAre("task.created", "execution.succeeded", "execution.failed"));
    EXPECT_THAT(some.take(), ElementsAre("task.created", "execution.failed"));
    EXPECT_THAT(others.take(), IsEmpty());
}

TEST(Hub, keeps_what_comes_while_a_listener_is_writing) {
    House house;
    Heard one(house.listen());
    house.hub.publish({house.event(1)});
    EXPECT_THAT(one.take(), ElementsAre("task.created"));
    house.hub.publish({house.event(2, EventType::task_updated)});
    house.hub.publish({house.event(3, EventType::task_deleted)});
    EXPECT_THAT(one.take(), IsEmpty());
    one.again();
    EXPECT_THAT(one.take(), ElementsAre("task.updated", "task.deleted"));
}

TEST(Hub, tells_a_slow_listener_that_it_lags_after_what_was_queued_and_nothing_more) {
    House house({.queued_events_max = 2});
    Heard one(house.listen());
    house.hub.publish({house.event(1)});
    (void)one.take();
    for (Id id = 2; id < 10; ++id) house.hub.publish({house.event(id, EventType::task_updated)});
    one.again();
    EXPECT_THAT(one.take(), ElementsAre("task.updated", "task.updated"));
    one.again();
    EXPECT_THAT(one.take(), ElementsAre("lagging"));
}

TEST(Hub, bounds_the_bytes_of_a_queue) {
    House house({.queued_bytes_max = 3'000});
    Heard one(house.listen());
    house.hub.publish({house.event(1)});
    (void)one.take();
    Event large = house.event(2, EventType::task_updated);
    large.data = "\"" + std::string(2'000, 'x') + "\"";
    house.hub.publish({large});
    ++large.id;
    house.hub.publish({large});
    one.again();
    EXPECT_THAT(one.take(), ElementsAre("task.updated"));
    one.again();
    EXPECT_THAT(one.take(), ElementsAre("lagging"));
}

TEST(Hub, lets_nobody_attach_behind_what_was_published_since_he_came) {
    House house;
    auto listener = house.hub.listen(1, {});
    ASSERT_TRUE(listener);
    house.hub.publish({house.event(5)});
    EXPECT_FALSE((*listener)->attach(4));
    EXPECT_TRUE((*listener)->attach(5));
    Heard one(*listener);
    house.hub.publish({house.event(5), house.event(6, EventType::task_deleted)});
    EXPECT_THAT(one.take(), ElementsAre("task.deleted"));
}

TEST(Hub, beats_only_for_those_who_heard_nothing_for_a_while) {
    House house({.heartbeat = std::chrono::seconds{15}});
    Heard one(house.listen());
    house.clock.advance(std::chrono::seconds{14});
    house.hub.beat();
    EXPECT_THAT(one.take(), IsEmpty());
    house.clock.advance(std::chrono::seconds{1});
    house.hub.beat();
    EXPECT_THAT(one.take(), ElementsAre("heartbeat"));
    one.again();
    house.hub.beat();
    EXPECT_THAT(one.take(), IsEmpty());
}

TEST(Hub, bounds_the_listeners_of_an_organization) {
    House house({.listeners_max = 2});
    auto first = house.listen();
    const auto second = house.listen();
    const auto third = house.hub.listen(1, {});
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, ErrorKind::limited);
    EXPECT_TRUE(house.hub.listen(2, {}));
    first.reset();
    EXPECT_TRUE(house.hub.listen(1, {}));
}

TEST(Hub, says_goodbye_when_it_stops) {
    House house;
    Heard one(house.listen());
    house.hub.stop();
    EXPECT_THAT(one.take(), ElementsAre("closing"));
    EXPECT_FALSE(house.hub.listen(1, {}));
}

}  // namespace
}  // namespace punkt::events

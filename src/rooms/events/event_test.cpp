#include "rooms/events/event.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "testing/builders.h"

namespace punkt::events {
namespace {

const PublicIds ids{PublicIds::Key{1, 2, 3}};

TEST(Event, is_a_cloud_event_with_what_is_known) {
    Task task = punkt::testing::a_task({.id = 7, .queue = "mail"});
    Execution failed{.id = 9, .task = 7, .organization = 1, .attempt = 2, .status = Status::failed};
    failed.status_code = 503;
    failed.error_message = "no \"luck\"";
    failed.next = 11;
    Happening happening = about_task(EventType::execution_failed, task);
    happening.details = nullptr;
    happening.execution = 9;
    happening.record = &failed;
    const Event event = event_from(happening, Id{1'800'000'000'123} << 20, ids);
    const auto document = json::Document::parse(cloud_event(event, ids));
    ASSERT_TRUE(document) << document.error().message;
    const json::Value root = document->root();
    EXPECT_EQ(root["specversion"].string(), "1.0");
    EXPECT_EQ(root["type"].string(), "execution.failed");
    EXPECT_EQ(root["id"].string(), ids.uuid(IdKind::event, event.id));
    EXPECT_EQ(root["source"].string(), "/organizations/" + ids.uuid(IdKind::organization, 1));
    EXPECT_EQ(root["subject"].string(), "/tasks/" + ids.uuid(IdKind::task, 7));
    EXPECT_EQ(root["time"].string(), "2027-01-15T08:00:00.123Z");
    const json::Value data = root["data"];
    EXPECT_EQ(data["execution_id"].string(), ids.uuid(IdKind::execution, 9));
    EXPECT_EQ(data["next_execution_id"].string(), ids.uuid(IdKind::execution, 11));
    EXPECT_EQ(data["queue"].string(), "mail");
    EXPECT_EQ(data["attempt"].integer(), 2);
    EXPECT_EQ(data["status_code"].integer(), 503);
    EXPECT_EQ(data["error_message"].string(), "no \"luck\"");
}

TEST(Event, has_an_id_line_only_when_it_can_be_resumed_from) {
    Event event{.id = 5, .organization = 1, .type = EventType::execution_started, .data = "{}"};
    EXPECT_TRUE(stream_frame(event, ids)
                    .starts_with("id: " + ids.uuid(IdKind::event, 5) + "\nevent: execution.started\ndata: {"));
    event.is_kept = false;
    EXPECT_TRUE(stream_frame(event, ids).starts_with("event: execution.started\ndata: {"));
    EXPECT_TRUE(stream_frame(event, ids).ends_with("}\n\n"));
}

TEST(EventTypes, are_names_patterns_and_lists) {
    const auto has = [](std::string_view patterns, EventType type) {
        const auto types = event_types_from(patterns);
        EXPECT_TRUE(types) << patterns;
        return types && types->test(static_cast<std::size_t>(type));
    };
    EXPECT_TRUE(has("*", EventType::queue_resumed));
    EXPECT_TRUE(has("execution.*", EventType::execution_expired));
    EXPECT_FALSE(has("execution.*", EventType::task_created));
    EXPECT_TRUE(has("task.created, queue.*", EventType::queue_paused));
    EXPECT_FALSE(has("task.created, queue.*", EventType::task_deleted));
    for (const char* wrong : {"", "task", "task.", "tasks.*", "*.created", "task.created,", ",", "execution.failed;*"})
        EXPECT_FALSE(event_types_from(wrong)) << wrong;
}

TEST(EventFilter, passes_what_matches_in_every_respect) {
    const Event event{.id = 1, .type = EventType::task_created, .task = 7, .queue = "mail"};
    EXPECT_TRUE(Filter{}.matches(event));
    EXPECT_TRUE((Filter{.queue = "mail", .task = 7}.matches(event)));
    EXPECT_FALSE((Filter{.queue = "other"}.matches(event)));
    EXPECT_FALSE((Filter{.queue = ""}.matches(event)));
    EXPECT_FALSE((Filter{.task = 8}.matches(event)));
    Event own = event;
    own.is_system = true;
    EXPECT_FALSE(Filter{}.matches(own));
    EXPECT_TRUE((Filter{.with_system = true}.matches(own)));
}

}  // namespace
}  // namespace punkt::events

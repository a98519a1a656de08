#include "rooms/tasks/queue_rules.h"

#include <gtest/gtest.h>

namespace punkt::tasks {
namespace {

constexpr Timestamp noon = from_ms(1'800'000'000'000);

class QueueRulesTest : public ::testing::Test {
  protected:
    QueueRulesTest() {
        rules.queues = &book;
        rules.organization = 7;
    }
    Result<Task> create(const std::string& body) {
        const auto document = json::Document::parse(body);
        api::FieldReader fields(document->root());
        return new_task(fields, rules, noon);
    }
    store::QueueBook book;
    Rules rules;
};

TEST_F(QueueRulesTest, a_task_without_a_priority_has_that_of_its_queue) {
    book.put({.organization = 7, .name = "mail", .priority = 2});
    EXPECT_EQ(create(R"({"url":"http://a.example","queue":"mail"})")->priority, 2);
    EXPECT_EQ(create(R"({"url":"http://a.example","queue":"mail","priority":8})")->priority, 8);
    EXPECT_EQ(create(R"({"url":"http://a.example","queue":"other"})")->priority, 5);
    EXPECT_EQ(create(R"({"url":"http://a.example"})")->priority, 5);
    rules.organization = 8;
    EXPECT_EQ(create(R"({"url":"http://a.example","queue":"mail"})")->priority, 5);
}

TEST_F(QueueRulesTest, a_queue_that_drains_takes_nothing_in) {
    book.put({.organization = 7, .name = "mail", .is_draining = true});
    const auto refused = create(R"({"url":"http://a.example","queue":"mail"})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_EQ(refused.error().code, "queue_draining");
    EXPECT_TRUE(create(R"({"url":"http://a.example","queue":"other"})"));
}

TEST_F(QueueRulesTest, what_is_in_a_draining_queue_can_be_edited_but_nothing_moved_there) {
    book.put({.organization = 7, .name = "mail", .is_draining = true});
    Task task = *create(R"({"url":"http://a.example","delay":60})");
    const auto update = [&](const std::string& body) {
        const auto document = json::Document::parse(body);
        api::FieldReader fields(document->root());
        return updated_task(task, fields, rules, noon);
    };
    EXPECT_EQ(update(R"({"queue":"mail"})").error().code, "queue_draining");
    task.queue = "mail";
    EXPECT_TRUE(update(R"({"queue":"mail","name":"x"})"));
    EXPECT_TRUE(update(R"({"queue":null})"));
}

TEST_F(QueueRulesTest, a_name_with_control_characters_is_refused) {
    const auto refused = create(R"({"url":"http://a.example","queue":"\u0001tiktak"})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.front().field, "queue");
}

}  // namespace
}  // namespace punkt::tasks

// What the writer tells a journal.
#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/task_edits.h"
#include "store/task_writes.h"
#include "testing/builders.h"
#include "testing/test_store.h"

namespace punkt::store {
namespace {

using punkt::testing::a_task;
using punkt::testing::TestStore;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Remembers what became durable, as text.
class RememberingJournal final : public Journal {
  public:
    bool begin() override {
        told_.clear();
        return is_awake;
    }
    bool wants(Id organization) const override { return organization == 1; }
    void happened(const Happening& happening) override {
        std::string text = word(happening.type);
        text += " " + std::to_string(happening.task);
        if (happening.execution != 0) text += "/" + std::to_string(happening.execution);
        if (!happening.queue.empty()) text += " in " + std::string(happening.queue);
        if (happening.is_system) text += " of the system";
        told_.push_back(std::move(text));
    }
    Result<void> write(db::Connection& connection) override {
        if (fails) return Error{ErrorKind::internal, "on purpose"};
        for (const std::string& text : told_)
            if (auto done = connection.execute("INSERT INTO setting VALUES ($1, '')", {text}); !done)
                return done.error();
        return {};
    }
    void committed(Announcements&) override { durable.insert(durable.end(), told_.begin(), told_.end()); }

    std::vector<std::string> take() { return std::exchange(durable, {}); }

    bool is_awake = true;
    bool fails = false;
    std::vector<std::string> durable;

  private:
    std::vector<std::string> told_;
};

struct House {
    House() { store.restart_with(journal); }
    TaskPtr add(punkt::testing::TaskOptions options, Purpose purpose = Purpose::user) {
        Task task = a_task(std::move(options));
        task.purpose = purpose;
        const auto added = std::make_shared<const Task>(std::move(task));
        const auto done = store.write([&](Done finished) {
            return std::make_unique<InsertTasks>(NewTask{added, first_timer(*added)}, std::move(finished));
        });
        EXPECT_TRUE(done) << done.error().message;
        return added;
    }
    RememberingJournal journal;
    TestStore store;
};

Transition end_of(const TaskPtr& task, Status status) {
    Timer timer = *first_timer(*task);
    Transition transition{.timer = timer, .task = task};
    transition.record = Execution{
        .id = timer.id, .task = task->id, .organization = task->organization, .first = timer.id, .status = status};
    return transition;
}

TEST(Journal, is_told_of_tasks_that_are_created_updated_and_deleted) {
    House house;
    auto task = std::make_shared<Task>(*house.add({.id = 7, .due = from_ms(1000), .queue = "mail"}));
    ++task->version;
    ASSERT_TRUE(house.store.write(
        [&](Done done) { return std::make_unique<UpdateTask>(TaskUpdate{.task = task}, std::move(done)); }));
    ASSERT_TRUE(house.store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(1, std::vector<Id>{7}, from_ms(2000), std::move(done));
    }));
    EXPECT_THAT(house.journal.take(),
                ElementsAre("task.created 7 in mail", "task.updated 7 in mail", "task.deleted 7 in mail"));
}

TEST(Journal, is_told_of_the_end_of_an_attempt_and_of_the_retry_that_follows) {
    House house;
    const auto task = house.add({.id = 7, .due = from_ms(1000)});
    Transition failed = end_of(task, Status::failed);
    Timer retry = failed.timer;
    retry.id = 8;
    retry.attempt = 2;
    retry.cause = Cause::retry;
    failed.arm = {retry};
    ASSERT_TRUE(house.store.record(failed));
    EXPECT_THAT(house.journal.take(),
                ElementsAre("task.created 7", "execution.failed 7/7", "execution.retry_scheduled 7/8"));
}

TEST(Journal, is_not_told_of_a_retry_that_does_not_follow) {
    House house;
    const auto task = house.add({.id = 7, .due = from_ms(1000)});
    ASSERT_TRUE(house.store.write(
        [&](Done done) { return std::make_unique<CancelExecution>(1, 7, from_ms(2000), std::move(done)); }));
    Transition failed = end_of(task, Status::failed);
    Timer retry = failed.timer;
    retry.id = 8;
    retry.attempt = 2;
    retry.cause = Cause::retry;
    failed.arm = {retry};
    ASSERT_TRUE(house.store.record(failed));
    EXPECT_THAT(house.journal.take(), ElementsAre("task.created 7", "execution.cancelled 7/7", "execution.failed 7/7"));
}

TEST(Journal, is_told_which_tasks_are_the_systems_own) {
    House house;
    house.add({.id = 7, .due = from_ms(1000)}, Purpose::callback);
    EXPECT_THAT(house.journal.take(), ElementsAre("task.created 7 of the system"));
}

TEST(Journal, is_not_told_of_organizations_that_it_does_not_want) {
    House house;
    const auto task = house.add({.id = 7, .organization = 2, .due = from_ms(1000)});
    ASSERT_TRUE(house.store.record(end_of(task, Status::success)));
    EXPECT_THAT(house.journal.take(), IsEmpty());
}

TEST(Journal, is_not_told_what_was_refused) {
    House house;
    EXPECT_FALSE(house.store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(1, std::vector<Id>{99}, from_ms(2000), std::move(done));
    }));
    EXPECT_THAT(house.journal.take(), IsEmpty());
}

TEST(Journal, writes_in_the_commit_of_what_it_tells_or_nothing_is_written) {
    House house;
    house.journal.fails = true;
    const auto task = std::make_shared<const Task>(a_task({.id = 7, .due = from_ms(1000)}));
    const auto refused = house.store.write([&](Done done) {
        return std::make_unique<InsertTasks>(NewTask{task, first_timer(*task)}, std::move(done));
    });
    EXPECT_FALSE(refused);
    EXPECT_EQ(db::query_number(house.store.reader(), "SELECT count(*) FROM task").value(), 0);
    house.journal.fails = false;
    house.add({.id = 8, .due = from_ms(1000)});
    EXPECT_THAT(house.journal.take(), ElementsAre("task.created 8"));
    EXPECT_EQ(
        db::query_number(house.store.reader(), "SELECT count(*) FROM setting WHERE key = 'task.created 8'").value(), 1);
}

}  // namespace
}  // namespace punkt::store

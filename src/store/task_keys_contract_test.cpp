#include "store/task_keys.h"

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

class TaskKeys : public testing::StoreContract {
  protected:
    Task keyed(std::string key, TaskKind kind = TaskKind::once) {
        Task task = a_task(kind);
        task.key = std::move(key);
        return task;
    }
    Result<void> try_insert(const Task& task) {
        return store.write([&](Done done) {
            return std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task)}, std::move(done));
        });
    }
    Result<void> update(Task task) {
        ++task.version;
        return store.write([&](Done done) {
            return std::make_unique<UpdateTask>(TaskUpdate{.task = std::make_shared<const Task>(task)},
                                                std::move(done));
        });
    }
    std::int64_t keys() { return number("SELECT count(*) FROM task_key WHERE organization = $1", organization); }
};

TEST_P(TaskKeys, belong_to_one_task_of_an_organization) {
    ASSERT_TRUE(try_insert(keyed("nightly")));
    const auto second = try_insert(keyed("nightly"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_EQ(second.error().code, code_key_taken);
    EXPECT_EQ(second.error().fields.at(0).field, "key");
    EXPECT_EQ(second.error().fields.at(1).message,
              std::to_string(number("SELECT task FROM task_key WHERE organization = $1", organization)));
    Task foreign = keyed("nightly");
    foreign.organization = organization + 1;
    EXPECT_TRUE(try_insert(foreign));
}

TEST_P(TaskKeys, move_with_an_update_and_go_with_the_task) {
    const Task task = keyed("before");
    ASSERT_TRUE(try_insert(task));
    Task renamed = task;
    renamed.key = "after";
    ASSERT_TRUE(update(renamed));
    ASSERT_TRUE(try_insert(keyed("before")));
    EXPECT_EQ(keys(), 2);
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(organization, std::vector{task.id}, noon, std::move(done));
    }));
    EXPECT_EQ(keys(), 1);
    EXPECT_TRUE(try_insert(keyed("after")));
}

TEST_P(TaskKeys, an_update_cannot_take_another_ones_key) {
    ASSERT_TRUE(try_insert(keyed("mine")));
    const Task other = keyed("");
    ASSERT_TRUE(try_insert(other));
    Task thief = other;
    thief.key = "mine";
    EXPECT_FALSE(update(thief));
    EXPECT_EQ(keys(), 1);
}

TEST_P(TaskKeys, definitions_are_cron_tasks_and_one_time_tasks_with_a_key) {
    const Task cron = keyed("", TaskKind::cron), once = keyed("launch");
    Task foreign_wire = keyed("", TaskKind::cron);
    foreign_wire.surface = Surface::tiktak;
    for (const Task& task : {cron, keyed(""), once, foreign_wire}) ASSERT_TRUE(try_insert(task));
    const auto found = list_definitions(store.reader(), organization, 10);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[0].id, cron.id);
    EXPECT_EQ((*found)[1].id, once.id);
    EXPECT_EQ((*found)[1].key, "launch");
}

PUNKT_ON_EVERY_STORE(TaskKeys);

}  // namespace
}  // namespace punkt::store

#include "store/name_index.h"

#include <limits>

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using namespace std::chrono_literals;

constexpr Id any_time = std::numeric_limits<Id>::max();

class NameIndex : public testing::StoreContract {
  protected:
    void SetUp() override {
        ASSERT_TRUE(store.write([](Done done) {
            return make_write(
                [](db::Connection& connection) -> Result<void> {
                    auto made = connection.execute(
                        "INSERT INTO organization (id, name, webhook_secret, created_at, updated_at) VALUES ($1, 'a', "
                        "'b', 0, 0)",
                        {organization});
                    return made ? Result<void>() : Result<void>(made.error());
                },
                std::move(done));
        }));
    }
    Task named(std::string name) {
        Task task = a_task();
        task.name = std::move(name);
        return task;
    }
    /// Whole steps until there is nothing more to do, long after the tasks were made.
    void gather() {
        for (bool more = true; more;) {
            ASSERT_TRUE(store.write([&](Done done) {
                return make_write(
                    [&](db::Connection& connection) -> Result<void> {
                        auto step = gatherer.step(connection, noon + 1h);
                        if (!step) return step.error();
                        more = *step;
                        return {};
                    },
                    std::move(done));
            }));
        }
    }
    std::vector<Id> find(std::string_view part, Id before = any_time, int limit = 100) {
        auto found = find_by_name(store.reader(), organization, part, before, limit);
        EXPECT_TRUE(found);
        return found ? *found : std::vector<Id>();
    }
    std::int64_t blocks() { return number("SELECT count(*) FROM name_block WHERE organization = $1", organization); }

    NameGatherer gatherer;
};

TEST_P(NameIndex, finds_parts_of_names_in_blocks_and_beside_them) {
    const auto first = insert(named("Nightly Report"), std::nullopt);
    for (int i = 0; i < name_block_tasks; ++i) insert(named("filler"), std::nullopt);
    gather();
    EXPECT_EQ(blocks(), 1);
    const auto last = insert(named("REPORT of today"), std::nullopt);
    EXPECT_EQ(find("report"), (std::vector{last->id, first->id}));
    EXPECT_EQ(find("ly rep"), std::vector{first->id});
    EXPECT_EQ(find("nothing"), std::vector<Id>());
    EXPECT_EQ(find("report", last->id), std::vector{first->id});
    EXPECT_EQ(find("report", any_time, 1), std::vector{last->id});
    EXPECT_EQ(find("fill").size(), 100U);
}

TEST_P(NameIndex, a_renamed_task_is_found_by_its_new_name) {
    const auto task = insert(named("before"), std::nullopt);
    for (int i = 0; i < name_block_tasks; ++i) insert(named("filler"), std::nullopt);
    gather();
    Task renamed = *task;
    renamed.name = "After";
    ++renamed.version;
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<UpdateTask>(TaskUpdate{.task = std::make_shared<const Task>(renamed)}, std::move(done));
    }));
    EXPECT_EQ(find("after"), std::vector{task->id});
    EXPECT_EQ(find("before"), std::vector<Id>());
    EXPECT_EQ(find("filler", any_time, 1000).size(), static_cast<std::size_t>(name_block_tasks));
}

TEST_P(NameIndex, a_block_goes_when_its_tasks_are_gone) {
    std::vector<Id> tasks;
    for (int i = 0; i < name_block_tasks; ++i) tasks.push_back(insert(named("gone"), std::nullopt)->id);
    gather();
    ASSERT_EQ(blocks(), 1);
    ASSERT_TRUE(store.write(
        [&](Done done) { return std::make_unique<DeleteTasks>(organization, tasks, noon, std::move(done)); }));
    gather();
    EXPECT_EQ(blocks(), 0);
}

TEST_P(NameIndex, leaves_out_what_may_not_have_settled) {
    for (int i = 0; i < name_block_tasks; ++i) insert(named("young"), std::nullopt);
    bool more = true;
    ASSERT_TRUE(store.write([&](Done done) {
        return make_write(
            [&](db::Connection& connection) -> Result<void> {
                auto step = gatherer.step(connection, time_of(ids.next(noon)) + 14s);
                more = step && *step;
                return {};
            },
            std::move(done));
    }));
    EXPECT_FALSE(more);
    EXPECT_EQ(blocks(), 0);
    EXPECT_EQ(find("young", any_time, 1000).size(), static_cast<std::size_t>(name_block_tasks));
}

PUNKT_ON_EVERY_STORE(NameIndex);

}  // namespace
}  // namespace punkt::store

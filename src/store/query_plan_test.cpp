// No read of the API or the engine may walk a table or sort one: SQLite is asked how it would run each statement.
#include <gtest/gtest.h>

#include <set>

#include "db/sqlite.h"
#include "store/data_folder.h"
#include "store/dead_letters.h"
#include "store/execution_store.h"
#include "store/follow_up_list.h"
#include "store/sql_engine_store.h"
#include "store/task_store.h"
#include "testing/test_store.h"

namespace punkt::store {
namespace {

/// Notes whatever is not a search through a key or an index.
class PlanReader final : public db::Driver {
  public:
    PlanReader(std::unique_ptr<db::Driver> real, std::set<std::string>& walks)
        : real_(std::move(real)), walks_(walks) {}

    Result<std::int64_t> execute(std::string_view sql, std::span<const db::Parameter> parameters) override {
        explain(sql, parameters);
        return real_->execute(sql, parameters);
    }
    Result<void> query(std::string_view sql, std::span<const db::Parameter> parameters, db::RowVisitor each) override {
        explain(sql, parameters);
        return real_->query(sql, parameters, each);
    }
    Result<void> script(std::string_view sql) override { return real_->script(sql); }
    Result<void> begin() override { return real_->begin(); }
    Result<void> commit() override { return real_->commit(); }
    Result<void> rollback() override { return real_->rollback(); }
    bool in_transaction() const override { return real_->in_transaction(); }
    Result<db::Checkpoint> checkpoint(db::CheckpointMode mode) override { return real_->checkpoint(mode); }
    std::int64_t log_pages() const override { return real_->log_pages(); }
    Result<void> copy_to(const std::string& path) override { return real_->copy_to(path); }

  private:
    void explain(std::string_view sql, std::span<const db::Parameter> parameters) {
        auto take = [&](const db::Row& row) {
            const std::string step = row.string(3);
            if (step.starts_with("SCAN") || step.find("TEMP B-TREE") != std::string::npos)
                walks_.insert(step + ": " + std::string(sql));
            return true;
        };
        EXPECT_TRUE(real_->query("EXPLAIN QUERY PLAN " + std::string(sql), parameters, db::RowVisitor(take))) << sql;
    }
    std::unique_ptr<db::Driver> real_;
    std::set<std::string>& walks_;
};

class QueryPlanTest : public ::testing::Test {
  protected:
    void expect_walks(std::initializer_list<const char*> allowed) {
        for (const std::string& walk : walks) {
            bool is_allowed = false;
            for (const char* text : allowed) is_allowed = is_allowed || walk.find(text) != std::string::npos;
            EXPECT_TRUE(is_allowed) << walk;
        }
    }
    punkt::testing::TestStore store;
    std::set<std::string> walks;
    db::Connection connection{
        std::make_unique<PlanReader>(std::move(*db::open_sqlite(store.folder().database(), db::Access::read)), walks)};
};

TEST_F(QueryPlanTest, tasks_are_found_through_keys_and_indexes) {
    ASSERT_TRUE(find_task(connection, 1, 2));
    ASSERT_TRUE(find_task_version(connection, 1, 2, 3));
    for (const auto order : {TaskQuery::Order::latest_run, TaskQuery::Order::newest})
        for (const std::optional<std::string>& queue : {std::optional<std::string>{}, std::optional<std::string>{"q"}})
            for (const std::optional<TaskKind> kind : {std::optional<TaskKind>{}, std::optional{TaskKind::cron}})
                ASSERT_TRUE(list_tasks(connection, 1, {.queue = queue, .kind = kind, .order = order}));
    ASSERT_TRUE(list_tasks(connection, 1, {.system_only = true, .purpose = Purpose::callback}));
    ASSERT_TRUE(tasks_of_queue(connection, 1, "q", 10));
    ASSERT_TRUE(count_tasks(connection, 1));
    ASSERT_TRUE(list_queues(connection, 1));
    expect_walks({"SCAN name", "SCAN CONSTANT ROW", "SCAN live"});
}

TEST_F(QueryPlanTest, executions_are_found_through_keys_and_indexes) {
    ASSERT_TRUE(find_execution(connection, 1, 2));
    ASSERT_TRUE(find_timer(connection, 1, 2));
    ASSERT_TRUE(timers_of_task(connection, 1, 2));
    ASSERT_TRUE(list_executions(connection, 1, 2, {}));
    ASSERT_TRUE(list_finished(connection, 1, {}, 10));
    ASSERT_TRUE(list_follow_ups(connection, 1, 2));
    ASSERT_TRUE(group_dead_letters(connection, 1, {.host = "a"}));
    ASSERT_TRUE(list_dead_letters(connection, 1, {}, 10, 3));
    ASSERT_TRUE(count_dead_letters(connection, 1, {}));
    ASSERT_TRUE(list_finished(connection, 1, {Status::failed}, 10, FinishedCursor{from_ms(5), 6}));
    expect_walks({});
    ASSERT_TRUE(list_pending(connection, 1, 10));
    expect_walks({"SCAN timer: "});  // in the order of its key, ended by the page
}

TEST_F(QueryPlanTest, failures_have_an_index_of_their_own) {
    std::string plan;
    auto reader = store.folder().reading();
    ASSERT_TRUE(
        reader->query("EXPLAIN QUERY PLAN SELECT id FROM execution WHERE organization = $1 AND finished_at <= $2 AND "
                      "status IN (3, 4) "
                      "ORDER BY finished_at DESC, id DESC",
                      {1, 2}, [&](const db::Row& row) { plan += row.string(3); }));
    EXPECT_NE(plan.find("execution_failed"), std::string::npos) << plan;
}

TEST_F(QueryPlanTest, a_start_reads_what_is_near_and_no_more) {
    ASSERT_TRUE(greatest_id(connection));
    // Far timers are not walked for the retries among them.
    SqlEngineStore engine_store(store.writer(), std::move(connection),
                                std::move(*FlightRecorder::open(store.path() + "/other.bin")), {});
    struct Quiet final : StoreEvents {
        void armed(std::vector<Armed>) override {}
        void recorded(std::uint64_t, Result<std::vector<std::size_t>>) override {}
        void loaded(std::vector<Id>, Result<std::vector<TaskPtr>>) override { done.set_value(); }
        void timers_loaded(Hour, Hour, Result<std::vector<Timer>>) override { done.set_value(); }
        void task_changed(Id, std::vector<Timer>, std::vector<Armed>) override {}
        std::promise<void> done;
    } events;
    store.writer().stop();
    engine_store.start(events);
    engine_store.load_timers(0, 5);
    events.done.get_future().wait();
    events.done = {};
    engine_store.load_tasks({1, 2});
    events.done.get_future().wait();
    expect_walks({"SCAN timer USING COVERING INDEX timer_id", "SCAN schedule"});
}

}  // namespace
}  // namespace punkt::store

#include "store/expiries.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using namespace std::chrono_literals;

class ExpiriesContract : public testing::StoreContract {
  protected:
    Task expiring(Timestamp at) {
        Task task = a_task();
        task.expires_at = at;
        return task;
    }
    ExpiredTasks::Found look(Timestamp now, int tasks_max = 100) {
        return tasks.look(store.reader(), now, tasks_max).value();
    }
    template <class Apply>
    Result<void> write(Apply apply) {
        return store.write([&](Done done) { return make_write(apply, std::move(done)); });
    }
    void forget(std::vector<Id> over, Timestamp now) {
        ASSERT_TRUE(write([&](db::Connection& connection) { return forget_expiries(connection, over, now); }));
    }
    std::int64_t rows() { return number("SELECT count(*) FROM expiry WHERE task >= $1", 0); }

    ExpiredTasks tasks;
};

TEST_P(ExpiriesContract, a_pending_run_is_found_from_its_instant_on) {
    const Task task = expiring(noon + 10s);
    insert(task, first_attempt(task));
    const Task forever = a_task();
    insert(forever, first_attempt(forever));
    EXPECT_EQ(rows(), 1);
    EXPECT_TRUE(look(noon + 9'999ms).pending.empty());
    EXPECT_EQ(look(noon + 10s).pending, std::vector{first_attempt(task)});
    EXPECT_EQ(look(noon + 10s).pending.size(), 1u) << "told until it is over";
}

TEST_P(ExpiriesContract, a_retry_is_found_and_a_run_that_was_asked_for_later_is_not) {
    const Task task = expiring(noon + 10s);
    insert(task, first_attempt(task));
    const Timer retry = run_of(task, noon + 10s);
    const Timer later = run_of(task, noon + 11s);
    ASSERT_TRUE(store.record({.timer = first_attempt(task), .arm = {retry, later}}));
    EXPECT_EQ(look(noon + 1h).pending, std::vector{retry});
}

TEST_P(ExpiriesContract, what_is_over_is_forgotten_unless_it_expires_later_now) {
    const Task task = expiring(noon + 10s);
    insert_finished(task, noon + 1s);
    EXPECT_EQ(look(noon + 10s).over, std::vector{task.id});
    forget({task.id}, noon + 9s);
    EXPECT_EQ(rows(), 1);
    forget({task.id}, noon + 10s);
    EXPECT_EQ(rows(), 0);
}

TEST_P(ExpiriesContract, an_edit_moves_the_instant_or_takes_it_away) {
    Task task = expiring(noon + 10s);
    insert(task, first_attempt(task));
    const auto edit = [&] {
        ++task.version;
        return write([&](db::Connection& connection) { return replace_task(connection, task); });
    };
    task.expires_at = noon + 20s;
    ASSERT_TRUE(edit());
    EXPECT_TRUE(look(noon + 19s).pending.empty());
    EXPECT_EQ(look(noon + 20s).pending.size(), 1u);
    task.expires_at.reset();
    ASSERT_TRUE(edit());
    EXPECT_EQ(rows(), 0);
}

TEST_P(ExpiriesContract, many_are_gone_through_step_by_step_and_then_again) {
    for (int i = 0; i < 5; ++i) {
        const Task task = expiring(noon + 10s);
        insert(task, first_attempt(task));
    }
    std::vector<std::size_t> steps;
    for (int i = 0; i < 6; ++i) steps.push_back(look(noon + 10s, 2).pending.size());
    EXPECT_EQ(steps, (std::vector<std::size_t>{2, 2, 1, 2, 2, 1}));
}

PUNKT_ON_EVERY_STORE(ExpiriesContract);

}  // namespace
}  // namespace punkt::store

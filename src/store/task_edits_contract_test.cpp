#include "store/task_edits.h"

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using std::chrono::hours;

class TaskEditsContract : public testing::StoreContract {
  protected:
    Result<void> update(TaskUpdate update) {
        return store.write([&](Done done) { return std::make_unique<UpdateTask>(update, std::move(done)); });
    }
    Result<void> remove(std::vector<Id> tasks, Id of = organization) {
        return store.write([&](Done done) { return std::make_unique<DeleteTasks>(of, tasks, noon, std::move(done)); });
    }
    Result<void> cancel(Id execution, Id of = organization) {
        return store.write(
            [&](Done done) { return std::make_unique<CancelExecution>(of, execution, noon, std::move(done)); });
    }
    Result<void> promote(Id execution, Timestamp now) {
        return store.write([&](Done done) {
            return std::make_unique<PromoteExecution>(organization, execution, now, std::move(done));
        });
    }
    Result<void> arm(Timer timer) {
        return store.write([&](Done done) { return std::make_unique<ArmTimer>(timer, std::move(done)); });
    }
    static TaskPtr next_version(const Task& task, std::function<void(Task&)> change) {
        Task next = task;
        ++next.version;
        next.updated_at = noon + Milliseconds{1};
        change(next);
        return std::make_shared<const Task>(next);
    }
    Task stored(Id id) {
        auto task = find_task(store.reader(), organization, id);
        EXPECT_TRUE(task && *task);
        return **task;
    }
};
PUNKT_ON_EVERY_STORE(TaskEditsContract);

TEST_P(TaskEditsContract, an_update_keeps_the_version_before) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    ASSERT_TRUE(update({.task = next_version(task, [](Task& t) {
                            t.url = "http://example.test/other";
                            t.body = "new";
                            t.headers = {{"x", "y"}};
                        })}));
    EXPECT_EQ(stored(task.id).url, "http://example.test/other");
    EXPECT_EQ(stored(task.id).version, 2);
    EXPECT_EQ(stored(task.id).headers, (Headers{{"x", "y"}}));
    const auto before = find_task_version(store.reader(), organization, task.id, 1);
    ASSERT_TRUE(before && *before);
    EXPECT_EQ((*before)->url, task.url);
    EXPECT_EQ((*before)->body, "{}");
    EXPECT_EQ((*find_task_version(store.reader(), organization, task.id, 2))->body, "new");
    EXPECT_FALSE(*find_task_version(store.reader(), organization, task.id, 3));
    const auto changes = store.events().take_changes();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].task, task.id);
    EXPECT_TRUE(changes[0].gone.empty()) << "the pending run stays as it is";
    EXPECT_EQ(stored_timers(), std::vector{first_attempt(task)});
}

TEST_P(TaskEditsContract, two_updates_from_the_same_version_conflict) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const auto next = next_version(task, [](Task& t) { t.name = "first"; });
    ASSERT_TRUE(update({.task = next}));
    auto second = update({.task = next});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST_P(TaskEditsContract, anothers_task_is_not_there) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    auto foreign = update({.task = next_version(task, [](Task& t) { t.organization = 8; })});
    EXPECT_EQ(foreign.error().kind, ErrorKind::not_found);
    EXPECT_EQ(remove({task.id}, 8).error().kind, ErrorKind::not_found);
    EXPECT_EQ(cancel(task.id, 8).error().kind, ErrorKind::not_found);
    EXPECT_FALSE(*find_task(store.reader(), 8, task.id));
    EXPECT_FALSE(*find_timer(store.reader(), 8, task.id));
    EXPECT_EQ(stored(task.id).version, 1);
}

TEST_P(TaskEditsContract, another_time_moves_the_run_that_waits) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const auto next = next_version(task, [](Task& t) { t.scheduled_at = noon + hours{30}; });
    Timer fresh = run_of(*next, noon + hours{30});
    ASSERT_TRUE(update({.task = next, .timer = fresh}));
    const Timer moved = first_attempt(task, noon + hours{30});
    EXPECT_EQ(stored_timers(), std::vector{moved});
    const auto changes = store.events().take_changes();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].gone, std::vector{first_attempt(task)});
    ASSERT_EQ(changes[0].now.size(), 1u);
    EXPECT_EQ(changes[0].now[0].timer, moved);
    // Found again by its key, at its new time.
    EXPECT_EQ(*find_timer(store.reader(), organization, task.id), moved);
}

TEST_P(TaskEditsContract, another_time_adds_a_run_when_none_waits) {
    const Task task = a_task();
    insert_finished(task, noon);
    const auto next = next_version(task, [](Task& t) { t.scheduled_at = noon + hours{30}; });
    const Timer fresh = run_of(*next, noon + hours{30});
    ASSERT_TRUE(update({.task = next, .timer = fresh}));
    EXPECT_EQ(stored_timers(), std::vector{fresh});
}

TEST_P(TaskEditsContract, a_run_that_is_out_is_not_moved) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const auto next = next_version(task, [](Task& t) {
        t.scheduled_at = noon + hours{30};
        t.queue = "mail";
    });
    const Timer fresh = run_of(*next, noon + hours{30});
    ASSERT_TRUE(update({.task = next, .timer = fresh, .running = {task.id}}));
    EXPECT_EQ(stored_timers(), (std::vector{first_attempt(task), fresh}));
    // It is still found where it was, by those who look for it and by its outcome.
    EXPECT_EQ(*find_timer(store.reader(), organization, task.id), first_attempt(task));
    EXPECT_EQ(timers_of_task(store.reader(), organization, task.id)->size(), 2u);
    auto stale = store.record({.timer = first_attempt(task), .record = outcome(first_attempt(task))});
    EXPECT_TRUE(stale->empty());
}

TEST_P(TaskEditsContract, pending_runs_follow_the_queue_and_the_priority) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const Timer trigger = run_of(task, noon + hours{1});
    ASSERT_TRUE(arm(trigger));
    ASSERT_TRUE(update({.task = next_version(task, [](Task& t) {
                            t.queue = "mail";
                            t.priority = 1;
                        })}));
    const auto timers = stored_timers();
    ASSERT_EQ(timers.size(), 2u);
    for (const Timer& timer : timers) {
        EXPECT_EQ(timer.lane, lane_of(organization, "mail"));
        EXPECT_EQ(timer.priority, 1);
    }
}

TEST_P(TaskEditsContract, a_cron_task_loses_its_beat_when_disabled_and_gets_one_when_enabled) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    const auto off = next_version(task, [](Task& t) {
        t.enabled = false;
        t.next_run_at.reset();
    });
    ASSERT_TRUE(update({.task = off}));
    EXPECT_TRUE(stored_timers().empty());
    EXPECT_EQ(stored(task.id).next_run_at, std::nullopt);
    const auto on = next_version(*off, [](Task& t) {
        t.enabled = true;
        t.next_run_at = noon + hours{2};
    });
    ASSERT_TRUE(update({.task = on, .timer = beat(*on, noon + hours{2})}));
    EXPECT_EQ(stored_timers(), std::vector{beat(*on, noon + hours{2})});
    EXPECT_EQ(stored(task.id).next_run_at, noon + hours{2});
}

TEST_P(TaskEditsContract, a_task_can_become_a_cron_task_and_back) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const auto cron = next_version(task, [](Task& t) {
        t.kind = TaskKind::cron;
        t.cron = "0 * * * *";
        t.next_run_at = noon + hours{1};
    });
    ASSERT_TRUE(update({.task = cron, .timer = beat(*cron, noon + hours{1})}));
    EXPECT_EQ(stored_timers(), std::vector{beat(*cron, noon + hours{1})});
    const auto once = next_version(*cron, [](Task& t) {
        t.kind = TaskKind::once;
        t.scheduled_at = noon + hours{3};
    });
    const Timer fresh = run_of(*once, noon + hours{3});
    ASSERT_TRUE(update({.task = once, .timer = fresh}));
    EXPECT_EQ(stored_timers(), std::vector{fresh});
    EXPECT_EQ(number("SELECT count(*) FROM schedule WHERE task = $1 AND next_run_at IS NOT NULL", task.id), 0);
}

TEST_P(TaskEditsContract, a_task_that_ran_stays_in_the_list_when_it_becomes_a_cron_task) {
    const Task task = a_task();
    insert_finished(task, noon);
    ASSERT_TRUE(update({.task = next_version(task, [](Task& t) {
                            t.kind = TaskKind::cron;
                            t.enabled = false;
                        })}));
    const auto page = list_tasks(store.reader(), organization, {});
    ASSERT_EQ(page->tasks.size(), 1u);
    EXPECT_EQ(page->tasks[0].last_execution_status, "success");
}

TEST_P(TaskEditsContract, a_deleted_task_is_hidden_and_waits_for_nothing) {
    const Task task = a_task(TaskKind::cron);
    insert(task, beat(task));
    const Timer trigger = run_of(task);
    ASSERT_TRUE(arm(trigger));
    store.events().take_changes();
    ASSERT_TRUE(remove({task.id}));
    EXPECT_TRUE(stored_timers().empty());
    EXPECT_FALSE(*find_task(store.reader(), organization, task.id));
    EXPECT_TRUE(*find_task_version(store.reader(), organization, task.id, 1))
        << "its history can still show what it sent";
    const auto changes = store.events().take_changes();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].gone.size(), 2u);
    EXPECT_EQ(remove({task.id}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(arm(run_of(task)).error().kind, ErrorKind::not_found);
    store.engine_store().load_tasks({task.id});
    EXPECT_TRUE(store.events().wait_for_loaded().empty());
}

TEST_P(TaskEditsContract, many_are_deleted_at_once_and_the_unknown_skipped) {
    const Task a = a_task();
    const Task b = a_task();
    insert(a, first_attempt(a));
    insert(b, first_attempt(b));
    ASSERT_TRUE(remove({a.id, 12345, b.id}));
    EXPECT_TRUE(stored_timers().empty());
    EXPECT_EQ(*count_tasks(store.reader(), organization), 0);
}

TEST_P(TaskEditsContract, the_outcome_of_a_deleted_task_is_kept_and_arms_no_retry) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    ASSERT_TRUE(remove({task.id}));
    auto stale = store.record({.timer = timer, .arm = {run_of(task)}, .record = outcome(timer, Status::failed)});
    EXPECT_EQ(stale->size(), 1u);
    EXPECT_TRUE(stored_execution(timer.id));
    EXPECT_TRUE(stored_timers().empty());
}

TEST_P(TaskEditsContract, a_cancelled_run_leaves_a_record_and_can_not_be_cancelled_again) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    ASSERT_TRUE(cancel(task.id));
    EXPECT_TRUE(stored_timers().empty());
    const auto execution = stored_execution(task.id);
    ASSERT_TRUE(execution);
    EXPECT_EQ(execution->status, Status::cancelled);
    EXPECT_EQ(execution->finished_at, noon);
    EXPECT_EQ(cancel(task.id).error().kind, ErrorKind::conflict);
    EXPECT_EQ(cancel(4711).error().kind, ErrorKind::not_found);
}

TEST_P(TaskEditsContract, a_delivery_that_was_out_when_it_was_cancelled_replaces_the_record) {
    const Task task = a_task();
    const Timer timer = first_attempt(task);
    insert(task, timer);
    ASSERT_TRUE(cancel(task.id));
    EXPECT_EQ(store.record({.timer = timer, .record = outcome(timer)})->size(), 1u);
    EXPECT_EQ(stored_execution(task.id)->status, Status::success);
}

TEST_P(TaskEditsContract, a_promoted_run_is_due_now_and_keeps_what_it_was_for) {
    const Timestamp later = noon + hours{48};
    Task task = a_task();
    task.scheduled_at = later;
    insert(task, first_attempt(task, later));
    ASSERT_TRUE(promote(task.id, noon));
    Timer promoted = first_attempt(task, later);
    promoted.due = noon;
    EXPECT_EQ(stored_timers(), std::vector{promoted});
    EXPECT_EQ(*find_timer(store.reader(), organization, task.id), promoted);
    EXPECT_EQ(*timers_of_task(store.reader(), organization, task.id), std::vector{promoted});
    const auto changes = store.events().take_changes();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].now[0].timer, promoted);
    ASSERT_TRUE(promote(task.id, noon + hours{1})) << "already due";
    EXPECT_TRUE(store.events().take_changes().empty());
}

TEST_P(TaskEditsContract, retries_and_triggers_are_found_by_their_own_id) {
    const Task task = a_task();
    insert(task, first_attempt(task));
    const Timer trigger = run_of(task, noon + hours{5});
    ASSERT_TRUE(arm(trigger));
    EXPECT_EQ(*find_timer(store.reader(), organization, trigger.id), trigger);
    EXPECT_EQ(*timers_of_task(store.reader(), organization, task.id), (std::vector{first_attempt(task), trigger}));
    const auto armed = store.events().take_armed();
    ASSERT_EQ(armed.size(), 2u);
    EXPECT_EQ(armed[1].timer, trigger);
}

}  // namespace
}  // namespace punkt::store

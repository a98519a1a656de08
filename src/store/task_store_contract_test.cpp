#include "store/task_store.h"

#include "testing/store_contract.h"

namespace punkt::store {
namespace {

class TaskStoreContract : public testing::StoreContract {
  protected:
    static Timestamp minute(int n) { return noon + Milliseconds{60'000} * n; }
    Task named(std::string name, std::string queue = {}, TaskKind kind = TaskKind::once) {
        Task task = a_task(kind);
        task.name = std::move(name);
        task.queue = std::move(queue);
        return task;
    }
    std::vector<std::string> names(const TaskQuery& query) {
        auto page = list_tasks(store.reader(), organization, query);
        EXPECT_TRUE(page) << page.error().message;
        std::vector<std::string> found;
        for (const Task& task : page->tasks) found.push_back(task.name);
        return found;
    }
    using Names = std::vector<std::string>;
};
PUNKT_ON_EVERY_STORE(TaskStoreContract);

TEST_P(TaskStoreContract, every_field_of_a_task_comes_back) {
    Task task = a_task(TaskKind::cron);
    task.surface = Surface::tiktak;
    task.name = "näme";
    task.method = Method::put;
    task.headers = {{"a", "b"}};
    task.body = std::string("\0bytes\xff", 7);
    task.cron = "* * * * *";
    task.queue = "q";
    task.enabled = false;
    task.next_run_at = noon;
    insert(task, std::nullopt);
    const auto found = find_task(store.reader(), organization, task.id);
    ASSERT_TRUE(found && *found);
    const Task& read = **found;
    EXPECT_EQ(read.surface, task.surface);
    EXPECT_EQ(read.kind, task.kind);
    EXPECT_EQ(read.name, task.name);
    EXPECT_EQ(read.method, task.method);
    EXPECT_EQ(read.headers, task.headers);
    EXPECT_EQ(read.body, task.body);
    EXPECT_EQ(read.cron, task.cron);
    EXPECT_EQ(read.queue, task.queue);
    EXPECT_EQ(read.enabled, task.enabled);
    EXPECT_EQ(read.created_at, noon);
    EXPECT_EQ(read.next_run_at, noon);
    EXPECT_EQ(read.last_execution_at, std::nullopt);
}

TEST_P(TaskStoreContract, an_absent_body_is_not_an_empty_one) {
    Task without = a_task();
    without.body.reset();
    Task empty = a_task();
    empty.body = "";
    insert(without, std::nullopt);
    insert(empty, std::nullopt);
    EXPECT_EQ((*find_task(store.reader(), organization, without.id))->body, std::nullopt);
    EXPECT_EQ((*find_task(store.reader(), organization, empty.id))->body, "");
}

TEST_P(TaskStoreContract, the_list_begins_with_the_latest_run_and_ends_with_the_oldest_that_never_ran) {
    insert_finished(named("ran at 1"), minute(1));
    insert_finished(named("cron at 2", "", TaskKind::cron), minute(2));
    insert(named("never, older"), std::nullopt);
    insert_finished(named("ran at 3"), minute(3));
    insert(named("never cron", "", TaskKind::cron), std::nullopt);
    insert_finished(named("cron at 0", "", TaskKind::cron), minute(0));
    insert(named("never, newer"), std::nullopt);
    const Names all{"ran at 3", "cron at 2", "ran at 1", "cron at 0", "never, newer", "never cron", "never, older"};
    EXPECT_EQ(names({}), all);
    for (int offset = 0; offset <= 7; ++offset)
        for (int limit = 1; limit <= 8; ++limit) {
            const auto page = list_tasks(store.reader(), organization, {.limit = limit, .offset = offset});
            const std::size_t expected = std::min<std::size_t>(limit, all.size() - offset);
            ASSERT_EQ(page->tasks.size(), expected) << offset << " " << limit;
            EXPECT_EQ(page->has_more, offset + limit < 7);
            for (std::size_t i = 0; i < expected; ++i) EXPECT_EQ(page->tasks[i].name, all[offset + i]);
        }
}

TEST_P(TaskStoreContract, a_task_with_retries_is_listed_once_with_its_last_outcome) {
    const Task task = named("retried");
    const Timer timer = first_attempt(task);
    insert(task, timer);
    Timer retry = run_of(task, minute(5));
    retry.attempt = 2;
    retry.cause = Cause::retry;
    ASSERT_TRUE(store.record({.timer = timer, .arm = {retry}, .record = outcome(timer, Status::failed)}));
    ASSERT_TRUE(store.record({.timer = retry, .record = outcome(retry, Status::success)}));
    const auto page = list_tasks(store.reader(), organization, {});
    ASSERT_EQ(page->tasks.size(), 1u);
    EXPECT_EQ(page->tasks[0].last_execution_status, "success");
    EXPECT_EQ(page->tasks[0].last_execution_at, minute(5) + Milliseconds{5});
    EXPECT_TRUE(names({.state = TaskState::failed}).empty());
}

TEST_P(TaskStoreContract, filters_narrow_the_list_in_both_orders) {
    insert_finished(named("Alpha", "mail"), minute(1));
    insert_finished(named("beta", "mail"), minute(2), Status::failed);
    insert_finished(named("gamma alpha"), minute(3), Status::timeout);
    const Task waiting = named("delta");
    insert(waiting, first_attempt(waiting));
    Task off = named("epsilon", "", TaskKind::cron);
    off.enabled = false;
    insert(off, std::nullopt);
    const Task on = named("zeta", "mail", TaskKind::cron);
    insert(on, beat(on));
    for (const auto order : {TaskQuery::Order::latest_run, TaskQuery::Order::newest}) {
        const auto sorted = [&](TaskQuery query) {
            query.order = order;
            Names found = names(query);
            std::sort(found.begin(), found.end());
            return found;
        };
        EXPECT_EQ(sorted({.queue = "mail"}), (Names{"Alpha", "beta", "zeta"}));
        EXPECT_EQ(sorted({.queue = ""}), (Names{"delta", "epsilon", "gamma alpha"}));
        EXPECT_EQ(sorted({.queue = "absent"}), Names{});
        EXPECT_EQ(sorted({.kind = TaskKind::cron}), (Names{"epsilon", "zeta"}));
        EXPECT_EQ(sorted({.kind = TaskKind::once}), (Names{"Alpha", "beta", "delta", "gamma alpha"}));
        EXPECT_EQ(sorted({.name_part = "ALPHA"}), (Names{"Alpha", "gamma alpha"}));
        EXPECT_EQ(sorted({.state = TaskState::failed}), Names{"beta"});
        EXPECT_EQ(sorted({.state = TaskState::timeout}), Names{"gamma alpha"});
        EXPECT_EQ(sorted({.state = TaskState::success}), Names{"Alpha"});
        EXPECT_EQ(sorted({.state = TaskState::active}), Names{"zeta"});
        EXPECT_EQ(sorted({.state = TaskState::paused}), Names{"epsilon"});
        EXPECT_EQ(sorted({.state = TaskState::pending}), Names{"delta"});
        EXPECT_EQ(sorted({.queue = "mail", .state = TaskState::failed}), Names{"beta"});
        EXPECT_EQ(sorted({.surface = Surface::qron}), Names{});
    }
}

TEST_P(TaskStoreContract, pages_by_cursor_show_everything_once_in_the_order_of_creation) {
    for (int i = 0; i < 7; ++i) {
        if (i % 2)
            insert(named(std::to_string(i)), std::nullopt);
        else
            insert_finished(named(std::to_string(i)), minute(i));
    }
    Names seen;
    Id cursor = 0;
    for (int pages = 0; pages < 5; ++pages) {
        const auto page =
            list_tasks(store.reader(), organization, {.order = TaskQuery::Order::newest, .limit = 3, .cursor = cursor});
        for (const Task& task : page->tasks) seen.push_back(task.name);
        cursor = page->cursor;
        if (!page->has_more) break;
    }
    EXPECT_EQ(seen, (Names{"6", "5", "4", "3", "2", "1", "0"}));
}

TEST_P(TaskStoreContract, another_organization_sees_nothing) {
    insert_finished(named("mine"), minute(1));
    EXPECT_TRUE(list_tasks(store.reader(), 8, {})->tasks.empty());
    EXPECT_TRUE(list_tasks(store.reader(), 8, {.order = TaskQuery::Order::newest})->tasks.empty());
    EXPECT_TRUE(list_queues(store.reader(), 8)->empty());
    EXPECT_TRUE(list_finished(store.reader(), 8, {}, 10)->executions.empty());
}

TEST_P(TaskStoreContract, queues_are_named_once_in_order) {
    for (const char* queue : {"b", "a", "", "b", "c", "a"}) insert(named("x", queue), std::nullopt);
    EXPECT_EQ(*list_queues(store.reader(), organization), (Names{"a", "b", "c"}));
    EXPECT_EQ(tasks_of_queue(store.reader(), organization, "b", 10)->size(), 2u);
    EXPECT_EQ(*count_tasks(store.reader(), organization), 6);
    EXPECT_EQ(*count_tasks(store.reader(), organization, 4), 4);
}

TEST_P(TaskStoreContract, executions_of_a_task_begin_with_what_waits) {
    const Task task = named("t");
    const Timer first = first_attempt(task);
    insert(task, first);
    Timer second = run_of(task, minute(1));
    Timer third = run_of(task, minute(2));
    ASSERT_TRUE(store.record({.timer = first, .arm = {second}, .record = outcome(first, Status::failed)}));
    ASSERT_TRUE(store.record({.timer = second, .arm = {third}, .record = outcome(second, Status::timeout)}));
    const auto listed = [&](ExecutionQuery query) {
        auto page = list_executions(store.reader(), organization, task.id, query);
        EXPECT_TRUE(page);
        std::vector<Id> found;
        for (const Execution& execution : page->executions) found.push_back(execution.id);
        return std::pair(found, page->has_more);
    };
    using Page = std::pair<std::vector<Id>, bool>;
    EXPECT_EQ(listed({}), (Page{{third.id, second.id, first.id}, false}));
    EXPECT_EQ(listed({.limit = 2}), (Page{{third.id, second.id}, true}));
    EXPECT_EQ(listed({.limit = 1}), (Page{{third.id}, true}));
    EXPECT_EQ(listed({.limit = 2, .offset = 1}), (Page{{second.id, first.id}, false}));
    EXPECT_EQ(listed({.cursor = second.id}), (Page{{first.id}, false}));
    EXPECT_EQ(listed({.status = Status::failed}), (Page{{first.id}, false}));
    EXPECT_EQ(listed({.status = Status::pending}), (Page{{third.id}, false}));
    EXPECT_EQ(listed({.status = Status::success}), (Page{{}, false}));
    EXPECT_TRUE(list_executions(store.reader(), 8, task.id, {})->executions.empty());
}

TEST_P(TaskStoreContract, finished_executions_of_an_organization_are_paged_without_gaps) {
    std::vector<Id> expected;
    for (int i = 0; i < 6; ++i) {
        const Task task = named("t");
        insert_finished(task, minute(i / 2), i % 3 == 0 ? Status::failed : Status::success);  // pairs at one instant
        expected.insert(expected.begin(), task.id);
    }
    std::vector<Id> seen;
    std::optional<FinishedCursor> cursor;
    do {
        auto page = list_finished(store.reader(), organization, {}, 1, cursor);
        for (const Execution& execution : page->executions) seen.push_back(execution.id);
        cursor = page->next;
    } while (cursor);
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(list_finished(store.reader(), organization, {Status::failed, Status::timeout}, 10)->executions.size(),
              2u);
    EXPECT_EQ(list_finished(store.reader(), organization, {Status::success}, 10)->executions.size(), 4u);
}

TEST_P(TaskStoreContract, pending_runs_of_an_organization_come_by_due_time) {
    Task late = named("late");
    late.scheduled_at = minute(600);
    insert(late, first_attempt(late, minute(600)));
    const Task soon = named("soon");
    insert(soon, first_attempt(soon));
    const Task cron = named("cron", "", TaskKind::cron);
    insert(cron, beat(cron));
    const auto timers = list_pending(store.reader(), organization, 10);
    ASSERT_EQ(timers->size(), 2u) << "a beat is no run";
    EXPECT_EQ((*timers)[0].task, soon.id);
    EXPECT_EQ((*timers)[1].task, late.id);
    EXPECT_EQ(list_pending(store.reader(), organization, 10, 1)->size(), 1u);
}

TEST_P(TaskStoreContract, too_many_to_be_sorted_come_newest_first_and_say_so) {
    std::vector<NewTask> many;
    for (int i = 0; i < 2'001; ++i) many.push_back({std::make_shared<const Task>(named("invoice"))});
    const Id newest = many.back().task->id;
    ASSERT_TRUE(
        store.write([&](Done done) { return std::make_unique<InsertTasks>(std::move(many), std::move(done)); }));
    const auto page = list_tasks(store.reader(), organization, {.name_part = "voice", .limit = 3});
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->is_newest_instead);
    EXPECT_EQ(page->tasks.front().id, newest);
    EXPECT_FALSE(list_tasks(store.reader(), organization, {.name_part = "voice", .order = TaskQuery::Order::newest})
                     ->is_newest_instead)
        << "as asked";
    insert(named("one of its kind"), std::nullopt);
    EXPECT_FALSE(list_tasks(store.reader(), organization, {.name_part = "kind"})->is_newest_instead);
}

}  // namespace
}  // namespace punkt::store

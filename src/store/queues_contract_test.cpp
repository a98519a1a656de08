// Settings, depth and bulk cancellation of queues.
#include "store/cancel_runs.h"
#include "store/queue_book.h"
#include "store/queue_depth.h"
#include "store/queue_settings.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using namespace std::chrono_literals;

class QueuesContract : public testing::StoreContract {
  protected:
    Result<QueueSettings> change(const std::string& name, std::function<void(QueueSettings&)> what,
                                 Id whose = organization) {
        Result<QueueSettings> settings = QueueSettings{};
        const auto written = store.write([&](Done done) {
            return make_write(
                [&, what](db::Connection& connection) -> Result<void> {
                    settings = change_queue_settings(connection, whose, name, noon, what);
                    return settings ? Result<void>() : Result<void>(settings.error());
                },
                std::move(done));
        });
        EXPECT_EQ(written.operator bool(), settings.operator bool());
        return settings;
    }
    Task in_queue(const std::string& queue, TaskKind kind = TaskKind::once, Timestamp due = noon) {
        Task task = a_task(kind);
        task.queue = queue;
        if (kind == TaskKind::once) task.scheduled_at = due;
        Timer timer = kind == TaskKind::once ? first_attempt(task, due) : beat(task, due);
        timer.lane = lane_of(organization, queue);
        insert(task, timer);
        return task;
    }
    Timer retry_of(const Task& task, Timestamp due) {
        Timer timer = run_of(task, due);
        timer.lane = lane_of(organization, task.queue);
        timer.attempt = 2;
        timer.first = task.id;
        EXPECT_TRUE(store.write([&](Done done) { return std::make_unique<ArmTimer>(timer, std::move(done)); }));
        return timer;
    }
    Depth depth_of(const std::string& queue, DepthQuery query) {
        query.organization = organization;
        query.now = noon + 1min;
        auto depths = count_queue(store.reader(), query, queue);
        EXPECT_TRUE(depths);
        is_exact = depths->is_exact;
        return depths->lanes[lane_of(organization, queue)];
    }
    bool is_exact = false;
};

TEST_P(QueuesContract, settings_begin_with_the_defaults_and_keep_what_is_not_changed) {
    EXPECT_EQ(change("mail", [](QueueSettings& s) { s.is_paused = true; }).value(),
              (QueueSettings{.organization = organization, .name = "mail", .is_paused = true}));
    const QueueSettings all{.organization = organization,
                            .name = "mail",
                            .is_paused = true,
                            .is_draining = true,
                            .concurrency = 4,
                            .rate = Rate{.count = 10, .period = 90s, .burst = 3},
                            .priority = 2,
                            .on_failure = OnFailure::skip};
    EXPECT_TRUE(change("mail", [&](QueueSettings& s) { s = all; }));
    EXPECT_TRUE(change(
        "mail", [](QueueSettings&) {}, 8));
    const auto stored = list_queue_settings(store.reader());
    ASSERT_EQ(stored->size(), 2u);
    EXPECT_EQ(stored->front(), all);
    EXPECT_EQ(stored->back(), (QueueSettings{.organization = 8, .name = "mail"}));
    EXPECT_FALSE(change("mail", [](QueueSettings& s) { s.rate.reset(); })->rate);
}

TEST_P(QueuesContract, names_are_those_of_live_tasks_once_each) {
    in_queue("b");
    in_queue("b");
    in_queue("a/ü %");
    const Task gone = in_queue("c");
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<DeleteTasks>(organization, std::vector{gone.id}, noon, std::move(done));
    }));
    using Names = std::vector<std::string>;
    EXPECT_EQ(*queue_names(store.reader(), organization, "", 10), (Names{"a/ü %", "b"}));
    EXPECT_EQ(*queue_names(store.reader(), organization, "", 1), (Names{"a/ü %"}));
    EXPECT_EQ(*queue_names(store.reader(), organization, "a/ü %", 10), Names{"b"});
    EXPECT_EQ(*queue_names(store.reader(), 8, "", 10), Names{});
}

TEST_P(QueuesContract, depth_tells_what_is_due_later_retrying_and_out) {
    const Task first = in_queue("mail");
    const Task out = in_queue("mail", TaskKind::once, noon - 1h);
    in_queue("mail", TaskKind::once, noon + 1h);
    retry_of(out, noon + 2h);
    in_queue("mail", TaskKind::cron);
    in_queue("other");
    for (const int tasks_max : {100, 0}) {
        const Depth depth = depth_of("mail", {.running = {out.id}, .tasks_max = tasks_max});
        EXPECT_TRUE(is_exact);
        EXPECT_EQ(depth.due, 1);
        EXPECT_EQ(depth.delayed, 1);
        EXPECT_EQ(depth.retrying, 1);
        ASSERT_TRUE(depth.oldest);
        EXPECT_EQ(depth.oldest->id, first.id);
    }
}

TEST_P(QueuesContract, a_count_says_when_it_did_not_see_everything) {
    for (int i = 0; i < 5; ++i) in_queue("mail", TaskKind::once, noon + i * 1h);
    EXPECT_EQ(depth_of("mail", {.tasks_max = 2, .rows_max = 3}).total(), 3);
    EXPECT_FALSE(is_exact);
    EXPECT_EQ(depth_of("mail", {.tasks_max = 2, .rows_max = 5}).total(), 5);
    EXPECT_TRUE(is_exact);
}

TEST_P(QueuesContract, cancelled_runs_leave_the_task_its_beat_and_what_is_out) {
    const Task waits = in_queue("mail");
    const Task out = in_queue("mail");
    const Task cron = in_queue("mail", TaskKind::cron);
    const Timer retry = retry_of(waits, noon + 1h);
    store.events().take_changes();
    std::size_t cancelled = 0;
    ASSERT_TRUE(store.write([&](Done done) {
        return std::make_unique<CancelRuns>(
            CancelRuns::Options{
                .organization = organization, .tasks = {waits.id, out.id, cron.id}, .running = {out.id}, .now = noon},
            cancelled, std::move(done));
    }));
    EXPECT_EQ(cancelled, 2u);
    EXPECT_EQ(stored_execution(waits.id)->status, Status::cancelled);
    EXPECT_EQ(stored_execution(retry.id)->status, Status::cancelled);
    EXPECT_FALSE(stored_execution(out.id));
    std::vector<Id> left;
    for (const Timer& timer : stored_timers()) left.push_back(timer.task);
    std::sort(left.begin(), left.end());
    EXPECT_EQ(left, (std::vector{out.id, cron.id}));
    const auto changes = store.events().take_changes();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].gone.size(), 2u);
}

PUNKT_ON_EVERY_STORE(QueuesContract);

TEST(QueueBook, knows_a_queue_by_its_name_and_its_lane) {
    QueueBook book;
    EXPECT_FALSE(book.find(1, "mail"));
    book.put({.organization = 1, .name = "mail", .concurrency = 3});
    book.put({.organization = 1, .name = "a"});
    book.put({.organization = 2, .name = "b"});
    EXPECT_EQ(book.find(1, "mail")->concurrency, 3);
    EXPECT_EQ(book.find(1, lane_of(1, "mail"))->concurrency, 3);
    EXPECT_FALSE(book.find(2, "mail"));
    EXPECT_FALSE(book.find(2, lane_of(1, "mail")));
    ASSERT_EQ(book.of(1).size(), 2u);
    EXPECT_EQ(book.of(1).front().name, "a");
}

}  // namespace
}  // namespace punkt::store

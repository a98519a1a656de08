// Disks that fail and fill up, below the real store: reliability A3, A5, A6.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "db/sqlite.h"
#include "store/data_folder.h"
#include "store/task_edits.h"
#include "store/task_store.h"
#include "store/task_writes.h"
#include "store/writer.h"
#include "testing/failing_disk.h"
#include "testing/test_store.h"

namespace punkt::store {
namespace {

constexpr Timestamp noon = from_ms(1'800'000'000'000);
constexpr Id organization = 7;

class SetClock final : public Clock {
  public:
    Timestamp now() const override { return noon; }
    Microseconds elapsed() const override { return Microseconds{elapsed_us.load()}; }
    std::atomic<std::int64_t> elapsed_us{0};
};

class DiskFaultTest : public ::testing::Test {
  protected:
    void open() {
        auto opened = DataFolder::open(folder.path(), noon, disk.vfs());
        ASSERT_TRUE(opened) << opened.error().message;
        data.emplace(std::move(*opened));
        auto copying = data->checkpointing();
        ASSERT_TRUE(copying);
        Writer::Options options;
        options.reserve_path = data->reserve_path();
        options.reserve_bytes = reserve_bytes;
        options.checkpoints = checkpoints;
        options.fatal = [this](const Error&) { ++deaths; };
        writer = std::make_unique<Writer>(data->take_writing(), std::move(*copying), clock, counts, options);
        writer->start(events);
    }
    void close() {
        writer.reset();
        data.reset();
    }
    Result<void> insert(Id* id = nullptr) {
        Task task;
        task.id = ids.next(noon);
        if (id) *id = task.id;
        task.organization = organization;
        task.name = task.url = "http://example.test";
        task.body = std::string(3'000, 'x');
        task.scheduled_at = task.created_at = task.updated_at = noon;
        const Timer timer{.id = task.id,
                          .task = task.id,
                          .organization = organization,
                          .first = task.id,
                          .due = noon,
                          .scheduled_for = noon};
        return write([&](Done done) {
            return std::make_unique<InsertTasks>(NewTask{std::make_shared<const Task>(task), timer}, std::move(done));
        });
    }
    Result<void> remove(Id id) {
        return write([&](Done done) {
            return std::make_unique<DeleteTasks>(organization, std::vector<Id>{id}, noon, std::move(done));
        });
    }
    template <class Make>
    Result<void> write(Make make) {
        std::promise<Result<void>> promise;
        writer->submit(make(Done([&](Result<void> result) { promise.set_value(std::move(result)); })));
        return promise.get_future().get();
    }
    /// Opened again on a healthy disk: sound, and everything acknowledged is there.
    void expect_kept(const std::vector<Id>& acknowledged) {
        disk.heal();
        auto opened = DataFolder::open(folder.path(), noon);
        ASSERT_TRUE(opened) << opened.error().message;
        auto connection = opened->take_writing();
        std::string sound;
        ASSERT_TRUE(connection.query("PRAGMA integrity_check", {}, [&](const db::Row& row) { sound = row.string(0); }));
        EXPECT_EQ(sound, "ok");
        for (const Id id : acknowledged) {
            auto task = find_task(connection, organization, id);
            ASSERT_TRUE(task);
            EXPECT_TRUE(*task) << "acknowledged and lost";
        }
    }
    void start_anew() {
        close();
        std::filesystem::remove_all(folder.path());
        deaths = 0;
    }

    Checkpointer::Options checkpoints{
        .step_pages = 20, .log_pages_max = 60, .rest_pages_max = 10, .log_pages_hard = 120};
    std::int64_t reserve_bytes = 256 * 1024;
    punkt::testing::ScratchFolder folder;
    punkt::testing::FailingDisk disk;
    SetClock clock;
    Metrics metrics;
    WriterMetrics counts{metrics};
    punkt::testing::EventLog events;
    IdMaker ids;
    std::atomic<int> deaths{0};
    std::optional<DataFolder> data;
    std::unique_ptr<Writer> writer;
};

TEST_F(DiskFaultTest, after_a_failed_write_or_sync_nothing_is_acknowledged_and_nothing_was_lost) {
    for (const bool sync : {false, true}) {
        for (int nth = 1; nth <= (sync ? 15 : 80); nth += nth < 20 ? 1 : 7) {
            open();
            std::vector<Id> acknowledged;
            sync ? disk.fail_sync(nth) : disk.fail_write(nth);
            bool refused = false;
            for (int i = 0; i < 200 && !refused; ++i) {
                Id id = 0;
                const bool failed_before = disk.has_failed_since_heal();
                if (insert(&id)) {
                    acknowledged.push_back(id);
                    EXPECT_FALSE(failed_before) << "acknowledged after the failure of call " << nth;
                } else {
                    refused = true;
                }
            }
            EXPECT_TRUE(refused) << nth;
            EXPECT_FALSE(insert()) << "nobody may believe the disk again";
            close();
            EXPECT_EQ(deaths, 1);
            expect_kept(acknowledged);
            start_anew();
        }
    }
}

TEST_F(DiskFaultTest, a_full_disk_refuses_tasks_and_takes_deletions_and_recovers) {
    open();
    std::vector<Id> acknowledged;
    for (int i = 0; i < 20; ++i) {
        Id id = 0;
        ASSERT_TRUE(insert(&id));
        acknowledged.push_back(id);
    }
    disk.fill(data->reserve_path(), 256 * 1024);
    Result<void> refused;
    for (int i = 0; i < 500 && refused; ++i) {
        Id id = 0;
        refused = insert(&id);
        if (refused) acknowledged.push_back(id);
    }
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::full);
    EXPECT_EQ(deaths, 0) << "a full disk is no reason to end";
    for (int i = 0; i < 3; ++i) {
        auto removed = remove(acknowledged.back());
        EXPECT_TRUE(removed) << removed.error().message;
        acknowledged.pop_back();
    }
    EXPECT_EQ(insert().error().kind, ErrorKind::full);
    disk.make_room();
    clock.elapsed_us = 1'100'000;  // looked at once a second
    Id id = 0;
    EXPECT_TRUE(insert(&id));
    acknowledged.push_back(id);
    close();
    expect_kept(acknowledged);
}

TEST_F(DiskFaultTest, a_full_disk_takes_more_deletions_than_the_reserve_holds) {
    checkpoints = {.step_pages = 20};  // the disk is full before the log is so long that it is begun anew
    reserve_bytes = 2 * 1024 * 1024;   // all that the insertions write, however late it is copied
    open();
    std::vector<Id> tasks(300);
    for (Id& task : tasks) ASSERT_TRUE(insert(&task));
    disk.fill(data->reserve_path(), reserve_bytes);
    while (insert()) {
    }
    for (const Id task : tasks) {  // some 20 KB of the log for each
        auto removed = remove(task);
        ASSERT_TRUE(removed) << removed.error().message;
    }
    EXPECT_EQ(insert().error().kind, ErrorKind::full);
    EXPECT_EQ(deaths, 0);
    close();
    disk.make_room();
    expect_kept({});
}

TEST_F(DiskFaultTest, what_was_acknowledged_survives_a_power_cut) {
    disk.remember_synced();
    for (int round = 0; round < 5; ++round) {
        open();
        std::vector<Id> acknowledged;
        for (int i = 0; i < 40 + round; ++i) {
            Id id = 0;
            ASSERT_TRUE(insert(&id));
            acknowledged.push_back(id);
        }
        disk.stop_remembering();  // closing would copy the log; the power goes before
        close();
        disk.cut_power();
        expect_kept(acknowledged);
        disk.remember_synced();
        start_anew();
    }
}

}  // namespace
}  // namespace punkt::store

#include "rooms/tasks/bulk/bulk_runner.h"

#include "core/arming.h"
#include "rooms/tasks/bulk/bulk_request.h"
#include "rooms/tasks/bulk/bulk_store.h"
#include "store/audit.h"
#include "testing/manual_clock.h"
#include "testing/store_contract.h"

namespace punkt::tasks {
namespace {

/// Five tasks whose only run has failed, and a confirmed job that shall run them again.
class BulkRunnerTest : public testing::StoreContract {
  protected:
    void SetUp() override {
        for (int i = 0; i < 5; ++i) failed_tasks.push_back(insert_finished(a_task(), noon, Status::failed)->id);
        insert_finished(a_task(), noon, Status::success);
        readers = std::move(*api::Readers::create(store.folder().database(), 1));
        services = std::make_unique<Services>(Services{
            .ids = ids, .public_ids = public_ids, .writer = store.writer(), .readers = *readers, .engine = inbox});
        job = {.id = ids.next(noon),
               .organization = organization,
               .status = BulkStatus::running,
               .request = R"({"action":"retry","filter":{"type":"once"},"params":{}})",
               .matched = 6,
               .last_task = *greatest_task(store.reader(), organization),
               .created_at = noon,
               .updated_at = noon};
        ASSERT_TRUE(write([this](db::Connection& connection) { return insert_bulk_job(connection, job); }));
    }
    template <class Apply>
    Result<void> write(Apply apply) {
        return store.write([&](store::Done done) { return store::make_write(std::move(apply), std::move(done)); });
    }
    std::unique_ptr<BulkRunner> runner() {
        return std::make_unique<BulkRunner>(*services, std::move(*store.folder().reading()), clock,
                                            BulkRunnerOptions{.tasks_per_step = 2});
    }
    BulkJob stored() { return **find_bulk_job(store.reader(), organization, job.id); }
    /// What the audit log says of the job.
    std::vector<std::string> audited() {
        const auto entries = store::list_audit(store.reader(), organization, {});
        EXPECT_TRUE(entries);
        std::vector<std::string> all;
        for (const auto& entry : *entries) all.push_back(entry.action + " " + entry.metadata);
        return all;
    }
    std::size_t waiting_runs() { return stored_timers().size(); }

    std::vector<Id> failed_tasks;
    PublicIds public_ids{PublicIds::Key{}};
    engine::Inbox inbox;
    testing::ManualClock clock;
    std::unique_ptr<api::Readers> readers;
    std::unique_ptr<Services> services;
    BulkJob job;
};

TEST_P(BulkRunnerTest, does_a_few_tasks_in_a_commit_and_goes_on_after_a_restart) {
    EXPECT_TRUE(runner()->step());
    EXPECT_EQ(waiting_runs(), 2u);
    EXPECT_EQ(stored().changed, 2);
    EXPECT_TRUE(audited().empty()) << "only its end is told";
    // Another runner is what a restart makes: it knows only what is stored.
    const auto after_restart = runner();
    while (after_restart->step()) {
    }
    EXPECT_EQ(waiting_runs(), 5u);
    EXPECT_EQ(stored().status, BulkStatus::done);
    EXPECT_EQ(stored().changed, 5);
    EXPECT_EQ(stored().skipped, 1);
    EXPECT_EQ(audited(), std::vector<std::string>{R"(completed {"by":"bulk jobs","changed":"5","skipped":"1"})"});
}

TEST_P(BulkRunnerTest, an_aborted_job_changes_nothing_more) {
    const auto running = runner();
    EXPECT_TRUE(running->step());
    ASSERT_TRUE(write([this](db::Connection& connection) {
        return set_bulk_status(connection, job.id, BulkStatus::running, BulkStatus::aborted, noon);
    }));
    EXPECT_FALSE(running->step());
    EXPECT_EQ(waiting_runs(), 2u);
    EXPECT_FALSE(write([this](db::Connection& connection) { return keep_bulk_progress(connection, job); }))
        << "a step that was under way when the abort was written";
}

TEST_P(BulkRunnerTest, leaves_tasks_alone_that_were_made_after_the_count) {
    insert_finished(a_task(), noon, Status::failed);
    const auto running = runner();
    while (running->step()) {
    }
    EXPECT_EQ(stored().changed, 5);
}

TEST_P(BulkRunnerTest, a_request_that_cannot_be_read_ends_as_failed) {
    ASSERT_TRUE(write([this](db::Connection& connection) -> Result<void> {
        auto done =
            connection.execute("UPDATE bulk_job SET request = '{\"action\":\"retry\"}' WHERE id = $1", {job.id});
        return done ? Result<void>() : Result<void>(done.error());
    }));
    const auto running = runner();
    while (running->step()) {
    }
    EXPECT_EQ(stored().status, BulkStatus::failed);
    EXPECT_NE(stored().error.find("filter can't be empty"), std::string::npos);
    ASSERT_EQ(audited().size(), 1u);
    EXPECT_TRUE(audited().front().starts_with("failed ")) << audited().front();
}

PUNKT_ON_EVERY_STORE(BulkRunnerTest);

Result<BulkRequest> read(std::string_view text, Timestamp now = from_ms(1'800'000'000'000)) {
    const auto document = json::Document::parse(text);
    api::FieldReader fields(document->root());
    return read_bulk_request(fields, now);
}

TEST(BulkRequest, is_kept_as_it_was_understood) {
    const char* text =
        R"({"action":"reschedule","filter":{"queue":"none","type":"once","status":"pending","tag":"a","name~":"b","host":"c",)"
        R"("created_from":"2026-01-01T00:00:00.000Z","finished_until":"2026-02-01T00:00:00.000Z"},)"
        R"("params":{"run_at":"2099-01-01T00:00:00.000Z"}})";
    const auto request = read(text);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(bulk_request_text(*request), text);
    EXPECT_EQ(request->filter.queue, "");
}

TEST(BulkRequest, counts_a_delay_from_the_request) {
    const auto request = read(R"({"action":"reschedule","filter":{"type":"once"},"params":{"delay":"2h"}})");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->run_at, from_ms(1'800'000'000'000 + 7'200'000));
    EXPECT_FALSE(read(
        R"({"action":"reschedule","filter":{"type":"once"},"params":{"delay":"2h","run_at":"2099-01-01T00:00:00Z"}})"));
}

}  // namespace
}  // namespace punkt::tasks

// What ends many runs or tasks of a queue at once. The queue is held in the engine meanwhile, so that nothing of it
// starts after the answer; each batch is a write of its own, so that others get their turn at the writer. The last one
// has the answer with it: after a crash before that, the same request ends what is left.

#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "rooms/queues/queues_api.h"
#include "store/audit.h"
#include "store/cancel_runs.h"
#include "store/queue_depth.h"
#include "store/queue_settings.h"
#include "store/task_edits.h"

namespace punkt::queues {
namespace {

constexpr int batch_tasks = 500;

/// Some of the tasks, and what is left when they are done with.
struct Batch {
    Id organization = 0;
    std::vector<Id> tasks = {};
    std::vector<Id> running = {};
    Timestamp now{};
    std::int64_t ended_before = 0;  // by the batches before
    std::size_t ended = 0;          // by this one; filled in the transaction
    bool is_last = false;
};

/// What is done with the queue.
struct Ending {
    std::string_view action;   // "purged", for the audit log
    std::string_view counted;  // "runs": what it ends
    std::function<std::unique_ptr<store::Write>(Batch&, store::Done)> make = {};
    std::function<net::HttpReply(std::int64_t ended)> answer = {};
};

std::vector<AuditEntry> batch_entries(const AuditEntry& by, std::string_view counted, std::size_t ended) {
    if (ended == 0) return {};
    AuditEntry entry = by;
    entry.metadata.emplace_back(counted, fmt::format("{}", ended));
    return {std::move(entry)};
}

Async<Result<void>> end_batch(const Services& services, api::Context& context, const AuditEntry& by,
                              const Ending& ending, Batch& batch) {
    const auto make = [&](store::Done done) {
        return store::audited(ending.make(batch, std::move(done)),
                              [&] { return batch_entries(by, ending.counted, batch.ended); });
    };
    const auto sum = [&batch] { return batch.ended_before + static_cast<std::int64_t>(batch.ended); };
    if (batch.is_last)
        co_return co_await api::commit(services.writer, context, make, [&] { return ending.answer(sum()); });
    co_return co_await wait_for<Result<void>>([&](store::Done done) { services.writer.submit(make(std::move(done))); });
}

/// With all live tasks of the queue that exist now, while the engine holds the queue. Answers how many it ended.
Async<Result<std::int64_t>> end_held(const Services& services, api::Context& context, const std::string& name,
                                     const Ending& ending) {
    const Id organization = context.caller.organization;
    const Id until = services.ids.next(context.now);
    const AuditEntry by = api::audit_entry(context, ending.action, "queue", name);
    Batch batch{.organization = organization,
                .running = co_await running_in(services, lane_of(organization, name)),
                .now = context.now};
    for (Id after = 0; !batch.is_last;) {
        auto tasks = co_await services.readers.read<std::vector<Id>>([=](db::Connection& connection) {
            return store::tasks_of_queue(connection, organization, name, after, until, batch_tasks + 1);
        });
        if (!tasks) co_return tasks.error();
        if (tasks->empty()) break;
        batch.is_last = tasks->size() <= batch_tasks;
        if (!batch.is_last) tasks->pop_back();
        after = tasks->back();
        batch.tasks = std::move(*tasks);
        batch.ended = 0;
        const auto ended = co_await end_batch(services, context, by, ending, batch);
        if (!ended) co_return ended.error();
        batch.ended_before += static_cast<std::int64_t>(batch.ended);
    }
    co_return batch.ended_before;
}

Async<net::HttpReply> end_all(const Services& services, api::Context& context, std::string name, Ending ending) {
    const Lane lane = lane_of(context.caller.organization, name);
    co_await wait_for<engine::Held>([&](UniqueFunction<void(engine::Held)> done) {
        services.engine.hold({.lane = lane, .done = std::move(done)});
    });
    const auto ended = co_await end_held(services, context, name, ending);
    services.engine.end_hold({.lane = lane});
    co_return ended ? ending.answer(*ended) : api::problem(ended.error());
}

std::unique_ptr<store::Write> cancel_runs(Batch& batch, store::Done done) {
    return std::make_unique<store::CancelRuns>(
        store::CancelRuns::Options{
            .organization = batch.organization, .tasks = batch.tasks, .running = batch.running, .now = batch.now},
        batch.ended, std::move(done));
}

/// Also says how many it deletes: none when somebody else has deleted the only one meanwhile.
class DeleteBatch final : public store::WrappedWrite {
  public:
    DeleteBatch(Batch& batch, store::Done done)
        : WrappedWrite(
              std::make_unique<store::DeleteTasks>(batch.organization, batch.tasks, batch.now, std::move(done))),
          batch_(batch) {}
    Result<void> apply(db::Connection& connection) override {
        auto deleted = WrappedWrite::apply(connection);
        const bool is_gone = !deleted && deleted.error().kind == ErrorKind::not_found;
        batch_.ended = is_gone ? 0 : batch_.tasks.size();
        return is_gone ? Result<void>() : deleted;
    }

  private:
    Batch& batch_;
};

std::unique_ptr<store::Write> delete_tasks(Batch& batch, store::Done done) {
    return std::make_unique<DeleteBatch>(batch, std::move(done));
}

/// What a purge would cancel.
Async<net::HttpReply> preview_purge(const Services& services, const api::Context& context, std::string name) {
    const Id organization = context.caller.organization;
    const std::vector<Id> running = co_await running_in(services, lane_of(organization, name));
    const auto depths = co_await services.readers.read<store::Depths>(
        [name, query = store::DepthQuery{.organization = organization,
                                         .running = {running.begin(), running.end()},
                                         .now = context.now}](db::Connection& connection) {
            return store::count_queue(connection, query, name);
        });
    if (!depths) co_return api::problem(depths.error());
    const auto depth = depths->lanes.find(lane_of(organization, name));
    const std::int64_t count = depth == depths->lanes.end() ? 0 : depth->second.total();
    co_return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object().key("name").string(name).key("cancelled").integer(0);
            writer.key("would_cancel").integer(count);
            writer.key("counted").string(depths->is_exact ? "exactly" : "at_least").end_object();
        },
        fmt::format("Nothing was cancelled. With \"confirm\": true, {}{} runs will be",
                    depths->is_exact ? "" : "at least ", count));
}

Async<net::HttpReply> purge(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    api::FieldReader fields = context.fields();
    const bool is_confirmed = fields.boolean("confirm").value_or(false);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    if (!is_confirmed) co_return co_await preview_purge(services, context, *name);
    const auto answer = [name = *name](std::int64_t cancelled) {
        return api::data(
            200,
            [&](json::Writer& writer) {
                writer.begin_object().key("name").string(name).key("cancelled").integer(cancelled).end_object();
            },
            fmt::format("{} runs cancelled", cancelled));
    };
    co_return co_await end_all(services, context, *name,
                               {.action = "purged", .counted = "runs", .make = cancel_runs, .answer = answer});
}

/// Contract: runlater-api.md §4.3.
Async<net::HttpReply> remove_tasks(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const std::string name = fields.string("queue").value_or("");
    if (name.empty())
        co_return api::problem(
            {ErrorKind::invalid, "queue is required: the name of the queue whose tasks to cancel", "invalid_params"});
    const auto answer = [](std::int64_t deleted) {
        return api::data(
            200, [&](json::Writer& writer) { writer.begin_object().key("cancelled").integer(deleted).end_object(); },
            fmt::format("{} tasks cancelled", deleted));
    };
    co_return co_await end_all(services, context, name,
                               {.action = "tasks_deleted", .counted = "tasks", .make = delete_tasks, .answer = answer});
}

}  // namespace

void add_bulk_routes(api::Router& router, const Services& services) {
    router.add({.method = "POST",
                .pattern = "/api/v1/queues/:name/purge",
                .handler = [services](api::Context& context) { return purge(services, context); }});
    router.add({.method = "DELETE", .pattern = "/api/v1/tasks", .handler = [services](api::Context& context) {
                    return remove_tasks(services, context);
                }});
}

}  // namespace punkt::queues

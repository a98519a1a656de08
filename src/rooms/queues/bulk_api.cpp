// What ends many runs or tasks of a queue at once. The queue is held in the engine meanwhile, so that nothing of it
// starts after the answer; each batch is a write of its own, so that others get their turn at the writer.

#include <fmt/format.h>

#include "api/audit.h"
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

struct Batch {
    Id organization = 0;
    std::vector<Id> tasks = {};
    std::vector<Id> running = {};
    Timestamp now{};
    AuditEntry entry = {};  // of each batch

    std::vector<AuditEntry> entries() const {
        AuditEntry said = entry;
        said.metadata.emplace_back("tasks", fmt::format("{}", tasks.size()));
        return {said};
    }
};

/// Calls `end(batch)`, which answers how many it ended, with all live tasks of the queue that exist now, while the
/// engine holds the queue. Answers the sum.
template <class End>
Async<Result<std::int64_t>> end_all(const Services& services, const api::Context& context, std::string name,
                                    std::string_view action, End end) {
    const Id organization = context.caller.organization;
    const Lane lane = lane_of(organization, name);
    const Id until = services.ids.next(context.now);
    co_await wait_for<engine::Held>([&](UniqueFunction<void(engine::Held)> done) {
        services.engine.hold({.lane = lane, .done = std::move(done)});
    });
    Batch batch{.organization = organization,
                .running = co_await running_in(services, lane),
                .now = context.now,
                .entry = api::audit_entry(context, action, "queue", name)};
    Result<std::int64_t> ended = 0;
    Id after = 0;
    while (ended) {
        auto tasks = co_await services.readers.read<std::vector<Id>>([=](db::Connection& connection) {
            return store::tasks_of_queue(connection, organization, name, after, until, batch_tasks);
        });
        if (tasks && tasks->empty()) break;
        Result<std::int64_t> more = 0;
        if (tasks) {
            after = tasks->back();
            batch.tasks = std::move(*tasks);
            more = co_await end(batch);
        } else {
            more = tasks.error();
        }
        ended = more ? Result<std::int64_t>(*ended + *more) : more;
    }
    services.engine.end_hold({.lane = lane});
    co_return ended;
}

Async<Result<std::int64_t>> cancel_runs(const Services& services, const Batch& batch) {
    std::size_t cancelled = 0;
    const auto committed = co_await wait_for<Result<void>>([&](store::Done done) {
        auto write = std::make_unique<store::CancelRuns>(
            store::CancelRuns::Options{
                .organization = batch.organization, .tasks = batch.tasks, .running = batch.running, .now = batch.now},
            cancelled, std::move(done));
        services.writer.submit(store::audited(std::move(write), batch.entries()));
    });
    if (!committed) co_return committed.error();
    co_return static_cast<std::int64_t>(cancelled);
}

Async<Result<std::int64_t>> delete_tasks(const Services& services, const Batch& batch) {
    const auto committed = co_await wait_for<Result<void>>([&](store::Done done) {
        auto write = std::make_unique<store::DeleteTasks>(batch.organization, batch.tasks, batch.now, std::move(done));
        services.writer.submit(store::audited(std::move(write), batch.entries()));
    });
    // The only one of a batch can have been deleted by somebody else meanwhile.
    if (!committed && committed.error().kind == ErrorKind::not_found) co_return 0;
    if (!committed) co_return committed.error();
    co_return static_cast<std::int64_t>(batch.tasks.size());
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
    const auto cancelled = co_await end_all(services, context, *name, "purged",
                                            [&services](const Batch& batch) { return cancel_runs(services, batch); });
    if (!cancelled) co_return api::problem(cancelled.error());
    co_return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object().key("name").string(*name).key("cancelled").integer(*cancelled).end_object();
        },
        fmt::format("{} runs cancelled", *cancelled));
}

/// Contract: runlater-api.md §4.3.
Async<net::HttpReply> remove_tasks(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const std::string name = fields.string("queue").value_or("");
    if (name.empty())
        co_return api::problem(
            {ErrorKind::invalid, "queue is required: the name of the queue whose tasks to cancel", "invalid_params"});
    const auto deleted = co_await end_all(services, context, name, "tasks_deleted",
                                          [&services](const Batch& batch) { return delete_tasks(services, batch); });
    if (!deleted) co_return api::problem(deleted.error());
    co_return api::data(
        200, [&](json::Writer& writer) { writer.begin_object().key("cancelled").integer(*deleted).end_object(); },
        fmt::format("{} tasks cancelled", *deleted));
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

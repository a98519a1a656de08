// POST /api/v1/tasks/batch: many tasks, one commit. Source: runlater-api.md §3.

#include <fmt/format.h>

#include <algorithm>

#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/batch_rules.h"
#include "rooms/tasks/handlers.h"
#include "store/task_writes.h"

namespace punkt::tasks {
namespace {

/// What became of an item; without a task it was refused.
struct Placed {
    TaskPtr task = nullptr;
    std::optional<Error> wrong = std::nullopt;
};

std::vector<Placed> with_ids(const Services& services, Id organization, Batch&& batch, Timestamp now) {
    std::vector<Placed> placed(batch.items.size());
    for (std::size_t i = 0; i < placed.size(); ++i) {
        auto& [task, wrong] = batch.items[i];
        placed[i].wrong = std::move(wrong);
        if (!task) continue;
        task->id = services.ids.next(now);  // growing: the order of the items is the order of the queue
        task->organization = organization;
        placed[i].task = std::make_shared<const Task>(std::move(*task));
    }
    return placed;
}

void write_ids(json::Writer& writer, const Task& task, const PublicIds& ids) {
    writer.key("task_id").string(ids.uuid(IdKind::task, task.id)).key("execution_id");
    task.kind == TaskKind::once ? writer.string(ids.uuid(IdKind::execution, task.id)) : writer.null();
}

void write_wrong(json::Writer& writer, const Error& error) {
    writer.key("error").begin_object();
    writer.key("code").string(error.code.empty() ? "bad_request" : error.code).key("message").string(error.message);
    writer.key("details").begin_object();
    for (const auto& [field, message] : error.fields) writer.key(field).begin_array().string(message).end_array();
    writer.end_object().end_object();
}

void write_results(json::Writer& writer, const std::vector<Placed>& placed, const PublicIds& ids) {
    writer.key("results").begin_array();
    for (std::size_t i = 0; i < placed.size(); ++i) {
        writer.begin_object().key("index").integer(static_cast<std::int64_t>(i));
        writer.key("result").string(placed[i].task ? "created" : "refused");
        placed[i].task ? write_ids(writer, *placed[i].task, ids) : write_wrong(writer, *placed[i].wrong);
        writer.end_object();
    }
    writer.end_array();
}

net::HttpReply batch_reply(const Batch& batch, const std::vector<Placed>& placed, const PublicIds& ids) {
    const auto first =
        std::find_if(placed.begin(), placed.end(), [](const Placed& each) { return each.task != nullptr; });
    const auto created = std::count_if(first, placed.end(), [](const Placed& each) { return each.task != nullptr; });
    return api::data(
        created > 0 ? 201 : 200,
        [&](json::Writer& writer) {
            writer.begin_object().key("queue");
            const bool has_queue = batch.has_one_target && created > 0 && !(*first).task->queue.empty();
            has_queue ? writer.string((*first).task->queue) : writer.null();
            writer.key("created").integer(created).key("scheduled_for");
            batch.has_one_target&& created > 0 ? writer.string(to_text_seconds(*(*first).task->scheduled_at))
                                               : writer.null();
            if (batch.is_partial) {
                writer.key("refused").integer(static_cast<std::int64_t>(placed.size()) - created);
                write_results(writer, placed, ids);
            } else if (batch.wants_ids) {
                writer.key("ids").begin_array();
                for (const Placed& each : placed) {
                    write_ids(writer.begin_object(), *each.task, ids);
                    writer.end_object();
                }
                writer.end_array();
            }
            writer.end_object();
        },
        fmt::format("{} tasks created", created));
}

Async<net::HttpReply> create_batch(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    auto batch = read_batch(fields, context.body ? context.body->root() : json::Value(), services.rules, context.now);
    if (!batch) co_return api::problem(batch.error());
    const auto placed = with_ids(services, context.caller.organization, std::move(*batch), context.now);
    std::vector<store::NewTask> tasks;
    tasks.reserve(placed.size());
    for (const Placed& each : placed)
        if (each.task) tasks.push_back({each.task, first_timer(*each.task)});
    if (!tasks.empty()) {
        const auto committed = co_await commit(services.writer, [&tasks](store::Done done) {
            return std::make_unique<store::InsertTasks>(std::move(tasks), std::move(done));
        });
        if (!committed) co_return api::problem(committed.error());
    }
    co_return batch_reply(*batch, placed, services.public_ids);
}

}  // namespace

void add_batch_routes(api::Router& router, const Services& services) {
    router.add({.method = "POST", .pattern = "/api/v1/tasks/batch", .handler = [services](api::Context& context) {
                    return create_batch(services, context);
                }});
}

}  // namespace punkt::tasks

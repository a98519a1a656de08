// POST /api/v1/tasks: from JSON to a 202 whose commit is on disk.

#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/task_json.h"
#include "store/task_writes.h"

namespace punkt::tasks {
namespace {

net::HttpReply accepted(const Task& task, const PublicIds& ids) {
    return api::data(
        202,
        [&](json::Writer& writer) {
            writer.begin_object().key("task_id").string(ids.uuid(IdKind::task, task.id));
            writer.key("execution_id").string(ids.uuid(IdKind::execution, task.id));
            writer.key("status").string("pending");
            writer.key("scheduled_for").string(to_text_seconds(*task.scheduled_at)).end_object();
        },
        "Task queued for execution");
}

net::HttpReply created(const Task& task, const PublicIds& ids) {
    return api::data(
        201, [&](json::Writer& writer) { write_task(writer, task, ids); }, "Cron task created");
}

Async<net::HttpReply> create(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields("task");
    auto checked = new_task(fields, services.rules, context.now);
    if (!checked) co_return api::problem(checked.error());
    checked->id = services.ids.next(context.now);
    checked->organization = context.caller.organization;
    const auto task = std::make_shared<const Task>(std::move(*checked));
    const auto committed = co_await commit(services.writer, [&task](store::Done done) {
        return std::make_unique<store::InsertTasks>(store::NewTask{task, first_timer(*task)}, std::move(done));
    });
    if (!committed) co_return api::problem(committed.error());
    co_return task->kind == TaskKind::cron ? created(*task, services.public_ids) : accepted(*task, services.public_ids);
}

}  // namespace

void add_create_routes(api::Router& router, const Services& services) {
    // The second path is that of older public examples (contract "Old path").
    for (const char* pattern : {"/api/v1/tasks", "/api/v1/queue"}) {
        router.add({.method = "POST", .pattern = pattern, .handler = [services](api::Context& context) {
                        return create(services, context);
                    }});
    }
}

}  // namespace punkt::tasks

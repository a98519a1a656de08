// POST /api/v1/tasks: from JSON to a 202 whose commit is on disk.

#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/key_rules.h"
#include "rooms/tasks/once_rules.h"
#include "rooms/tasks/take_in.h"
#include "rooms/tasks/task_json.h"
#include "rooms/tasks/trace_rules.h"
#include "store/task_writes.h"

namespace punkt::tasks {
namespace {

void write_accepted(json::Writer& writer, const store::Taken& taken, const PublicIds& ids) {
    writer.begin_object().key("task_id").string(ids.uuid(IdKind::task, taken.task));
    writer.key("execution_id").string(ids.uuid(IdKind::execution, taken.task));
    writer.key("status").string(word(taken.status)).key("scheduled_for");
    taken.scheduled_for ? writer.string(to_text_seconds(*taken.scheduled_for)) : writer.null();
}

net::HttpReply created(const Task& task, const PublicIds& ids) {
    if (task.kind == TaskKind::cron)
        return api::data(
            201, [&](json::Writer& writer) { write_task(writer, task, ids); }, "Cron task created");
    return api::data(
        202,
        [&](json::Writer& writer) {
            write_accepted(writer, {.task = task.id, .scheduled_for = task.scheduled_at}, ids);
            writer.end_object();
        },
        "Task queued for execution");
}

/// What became of a task with dedupe, debounce or throttle.
net::HttpReply taken_in(const store::Taken& taken, const PublicIds& ids) {
    const char* message = taken.as == TakenAs::created    ? "Task queued for execution"
                          : taken.as == TakenAs::replaced ? "Waiting task replaced"
                                                          : "Task ignored: the one named here stands for it";
    return api::data(
        taken.as == TakenAs::ignored ? 200 : 202,
        [&](json::Writer& writer) {
            write_accepted(writer, taken, ids);
            writer.key("result").string(word(taken.as)).end_object();
        },
        message);
}

Async<net::HttpReply> create_once(const Services& services, api::Context& context, Task task, OnceRule rule) {
    if (rule.kind == OnceKind::debounce) task.scheduled_at = context.now + rule.span;
    const auto shared = std::make_shared<const Task>(std::move(task));
    Intake intake{.wishes = {{.task = {shared, first_timer(*shared)}, .once = std::move(rule)}}};
    const auto answer = [&] { return taken_in(intake.taken.front(), services.public_ids); };
    const auto committed = co_await take_in(services, context, intake, answer);
    co_return committed ? answer() : api::problem(with_public_winner(committed.error(), services.public_ids));
}

Async<net::HttpReply> create(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields("task");
    auto once = read_once(fields);
    auto checked = new_task(fields, services.rules.of(context.caller.organization), context.now);
    if (!checked) co_return api::problem(checked.error());
    checked->id = services.ids.next(context.now);
    checked->organization = context.caller.organization;
    keep_trace(context.request, *checked);
    if (once) co_return co_await create_once(services, context, std::move(*checked), std::move(*once));
    const auto task = std::make_shared<const Task>(std::move(*checked));
    auto entries = created_entries(context, *task, services.public_ids, services.audit);
    const auto answer = [&] { return created(*task, services.public_ids); };
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(
                std::make_unique<store::InsertTasks>(store::NewTask{task, first_timer(*task)}, std::move(done)),
                std::move(entries));
        },
        answer);
    co_return committed ? answer() : api::problem(with_public_winner(committed.error(), services.public_ids));
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

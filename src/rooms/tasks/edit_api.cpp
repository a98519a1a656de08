// What changes a task or a run that exists: update, delete, trigger; cancel and promote an execution.
// The order is always the same: hold in the engine, commit, end the hold. So nothing starts between the
// commit and the answer, and "cancelled" means never started after the answer.

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/definitions/carry_out.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/key_rules.h"
#include "rooms/tasks/task_json.h"
#include "store/execution_store.h"
#include "store/task_edits.h"
#include "store/task_keys.h"
#include "store/task_store.h"

namespace punkt::tasks {
namespace {

/// Two updates of one task at the same time: the later one is made anew from what the earlier one left.
constexpr int update_tries = 5;

std::vector<AuditEntry> changed_entries(const Services& services, const api::Context& context, const Task* before,
                                        const Task* after) {
    auto entry = task_entry(api::audit_entry(context, "", "task", ""), before, after, services.public_ids,
                            services.audit.bodies);
    return entry ? std::vector{std::move(*entry)} : std::vector<AuditEntry>{};
}

net::HttpReply shown(const Task& task, const PublicIds& ids) {
    return api::data(200, [&](json::Writer& writer) { write_task(writer, task, ids); });
}

/// Made from the task as it stands while the engine holds it, and counted from the moment since when: no instant of the
/// schedule is then lost or run twice.
Async<Result<Task>> update_held(const Services& services, api::Context& context, Timestamp now) {
    const auto current = co_await find_task(services, context);
    if (!current) co_return current.error();
    api::FieldReader fields = context.fields("task");
    auto updated = updated_task(*current, fields, services.rules.of(context.caller.organization), now);
    if (!updated) co_return updated.error();
    const auto task = std::make_shared<const Task>(std::move(*updated));
    const std::vector<Id> running = co_await running_of(services.engine, task->id);
    store::TaskUpdate update{.task = task,
                             .timer = changed_timer(*current, *task, services.ids, now),
                             .running = running,
                             .has_new_schedule = current->kind != task->kind || current->cron != task->cron ||
                                                 current->timezone != task->timezone ||
                                                 current->dialect != task->dialect};
    auto entries = changed_entries(services, context, &*current, task.get());
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(std::make_unique<store::UpdateTask>(std::move(update), std::move(done)),
                                  std::move(entries));
        },
        [&] { return shown(*task, services.public_ids); });
    if (!committed) co_return committed.error();
    co_return *task;
}

Async<Result<Task>> update_once(const Services& services, api::Context& context) {
    // Knowing the organization first keeps a stranger from holding somebody's task.
    const auto task = co_await find_task(services, context);
    if (!task) co_return task.error();
    const engine::Held held = co_await hold(services.engine, 0, task->id);
    const Result<Task> busy = Error{ErrorKind::unavailable, "The schedule is at work; try again", "busy"};
    auto updated = held.is_settled ? co_await update_held(services, context, held.now) : busy;
    services.engine.end_hold({.task = task->id});
    co_return updated;
}

Async<net::HttpReply> update(const Services& services, api::Context& context) {
    for (int tries = 1;; ++tries) {
        const auto updated = co_await update_once(services, context);
        const bool is_race =
            !updated && updated.error().kind == ErrorKind::conflict && updated.error().code != store::code_key_taken;
        if (is_race && tries < update_tries) continue;
        if (!updated) co_return api::problem(with_public_winner(updated.error(), services.public_ids));
        co_return shown(*updated, services.public_ids);
    }
}

Async<net::HttpReply> remove(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, IdKind::task, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    const auto task = co_await find_task(services, context);
    if (!task) co_return api::problem(task.error());
    co_await hold(services.engine, 0, *id);
    auto entries = changed_entries(services, context, &*task, nullptr);
    const auto committed = co_await commit(services.writer, std::move(entries), [&](store::Done done) {
        return std::make_unique<store::DeleteTasks>(context.caller.organization, std::vector{*id}, context.now,
                                                    std::move(done));
    });
    services.engine.end_hold({.task = *id});
    co_return committed ? api::no_content() : api::problem(committed.error());
}

net::HttpReply run_accepted(const Services& services, const Timer& timer, std::string_view message) {
    return api::data(
        202,
        [&](json::Writer& writer) {
            writer.begin_object().key("execution_id").string(services.public_ids.uuid(IdKind::execution, timer.id));
            writer.key("status").string("pending");
            writer.key("scheduled_for").string(to_text_seconds(timer.scheduled_for)).end_object();
        },
        message);
}

Async<net::HttpReply> trigger(const Services& services, api::Context& context) {
    const auto task = co_await find_task(services, context);
    if (!task) co_return api::problem(task.error());
    const Timer timer = trigger_timer(*task, services.ids.next(context.now), context.now);
    AuditEntry entry = api::audit_entry(context, "triggered", "task", services.public_ids.uuid(IdKind::task, task->id));
    entry.metadata.emplace_back("task_name", task->name);
    entry.metadata.emplace_back("execution_id", services.public_ids.uuid(IdKind::execution, timer.id));
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(std::make_unique<store::ArmTimer>(timer, std::move(done)), {entry});
        },
        [&] { return run_accepted(services, timer, "Task triggered successfully"); });
}

/// Cancels or promotes the pending execution of the path; `answer(timer)` is what it is answered with.
template <class Change, class Answer>
Async<net::HttpReply> change_execution(const Services& services, api::Context& context, std::string_view action,
                                       Answer answer) {
    const auto id = id_from_path(services.public_ids, IdKind::execution, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    auto timer = co_await services.readers.read<std::optional<Timer>>(
        [organization = context.caller.organization, id = *id](db::Connection& connection) {
            return store::find_timer(connection, organization, id);
        });
    if (!timer) co_return api::problem(timer.error());
    // Without a timer there is nothing to hold, and the change says whether it is over or was never there.
    const bool is_running = *timer && (co_await hold(services.engine, *id, 0)).running;
    if (is_running) co_return api::problem({ErrorKind::conflict, "The execution is running", "already_running"});
    const Timer known = timer->value_or(Timer{.id = *id});
    AuditEntry entry = api::audit_entry(context, action, "execution", services.public_ids.uuid(IdKind::execution, *id));
    if (*timer) entry.metadata.emplace_back("task_id", services.public_ids.uuid(IdKind::task, (*timer)->task));
    auto reply = co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            auto change = std::make_unique<Change>(context.caller.organization, *id, context.now, std::move(done));
            return store::audited(std::move(change), {entry});
        },
        [&] { return answer(known); });
    if (*timer) services.engine.end_hold({.execution = *id});
    co_return reply;
}

net::HttpReply cancelled(const Services& services, const Timer& timer) {
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object().key("execution_id").string(services.public_ids.uuid(IdKind::execution, timer.id));
            writer.key("status").string("cancelled").end_object();
        },
        "Execution cancelled");
}

Async<net::HttpReply> cancel(const Services& services, api::Context& context) {
    co_return co_await change_execution<store::CancelExecution>(
        services, context, "cancelled", [&services](const Timer& timer) { return cancelled(services, timer); });
}

Async<net::HttpReply> promote(const Services& services, api::Context& context) {
    co_return co_await change_execution<store::PromoteExecution>(
        services, context, "promoted",
        [&services](const Timer& timer) { return run_accepted(services, timer, "Execution runs now"); });
}

}  // namespace

void add_edit_routes(api::Router& router, const Services& services) {
    const auto add = api::adding_to(router, services);
    add("PUT", "/api/v1/tasks/:id", update);
    add("PATCH", "/api/v1/tasks/:id", update);
    add("DELETE", "/api/v1/tasks/:id", remove);
    add("POST", "/api/v1/tasks/:id/trigger", trigger);
    add("POST", "/api/v1/executions/:id/cancel", cancel);
    add("POST", "/api/v1/executions/:id/promote", promote);
}

}  // namespace punkt::tasks

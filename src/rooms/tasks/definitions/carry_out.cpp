#include "rooms/tasks/definitions/carry_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api/commit.h"
#include "core/arming.h"
#include "rooms/tasks/trace_rules.h"
#include "store/task_edits.h"
#include "store/task_keys.h"
#include "store/task_writes.h"
#include "store/write_all.h"

namespace punkt::tasks {
namespace {

constexpr int tries_max = 5;

/// A task that exists and what the plan leaves of it, over all items that speak of it.
struct Change {
    Task before;
    std::optional<Task> after;  // nothing: deleted
};

std::map<Id, Change> changes_of(const Plan& plan) {
    std::map<Id, Change> changes;
    for (const PlannedTask& task : plan.tasks) {
        if (!task.before || task.action == PlannedTask::Action::unchanged) continue;
        Change& change = changes.try_emplace(task.before->id, Change{*task.before, {}}).first->second;
        change.after = task.after;
        if (change.after) change.after->version = change.before.version + 1;
    }
    return changes;
}

std::vector<Id> ids_of(const std::map<Id, Change>& changes) {
    std::vector<Id> ids;
    for (const auto& [id, change] : changes) ids.push_back(id);
    return ids;
}

/// Asks the engine about many tasks at once and waits for all answers.
template <class Answer, class Ask>
Async<std::map<Id, Answer>> ask_for_all(std::vector<Id> tasks, Ask ask) {
    struct Gathering {
        std::map<Id, Answer> answers;
        std::size_t missing;
        UniqueFunction<void(std::map<Id, Answer>)> done;
    };
    if (tasks.empty()) co_return std::map<Id, Answer>{};
    co_return co_await wait_for<std::map<Id, Answer>>([&tasks, ask](UniqueFunction<void(std::map<Id, Answer>)> done) {
        const auto gathering = std::make_shared<Gathering>(Gathering{{}, tasks.size(), std::move(done)});
        for (const Id task : tasks)
            ask(task, [gathering, task](Answer answer) {  // on the engine's thread, one after the other
                gathering->answers.emplace(task, std::move(answer));
                if (--gathering->missing == 0) gathering->done(std::move(gathering->answers));
            });
    });
}

Async<std::map<Id, engine::Held>> hold_all(engine::Inbox& engine, std::vector<Id> tasks) {
    co_return co_await ask_for_all<engine::Held>(
        std::move(tasks), [&engine](Id task, auto done) { engine.hold({.task = task, .done = std::move(done)}); });
}

Async<std::map<Id, std::vector<Id>>> running_of_all(engine::Inbox& engine, std::vector<Id> tasks) {
    co_return co_await ask_for_all<std::vector<Id>>(
        std::move(tasks), [&engine](Id task, auto done) { engine.ask({.task = task, .done = std::move(done)}); });
}

Async<Result<Plan>> make_plan(const Services& services, const Declaration& declaration, PlanOptions options) {
    const auto existing = co_await services.readers.read<std::vector<Task>>(
        [organization = declaration.organization](db::Connection& connection) {
            return store::list_definitions(connection, organization, definitions_max + 1);
        });
    if (!existing) co_return existing.error();
    if (existing->size() > definitions_max)
        co_return Error{ErrorKind::invalid,
                        fmt::format("there are more than {} definitions, too many to compare", definitions_max),
                        "limit_exceeded"};
    co_return plan_tasks(declaration.tasks, *existing, services.public_ids, options);
}

void no_word(const Result<void>&) {}

/// One write that makes the plan true. New tasks get their ids here.
std::unique_ptr<store::Write> write_of(const Services& services, const Declaration& declaration, Plan& plan,
                                       const std::map<Id, Change>& changes,
                                       const std::map<Id, std::vector<Id>>& running, const PlanOptions& options,
                                       store::Done done) {
    std::vector<std::unique_ptr<store::Write>> parts;
    std::vector<Id> deleted;
    for (const auto& [id, change] : changes)
        if (!change.after) deleted.push_back(id);
    // First what goes: its key may be wanted by what comes.
    if (!deleted.empty())
        parts.push_back(
            std::make_unique<store::DeleteTasks>(declaration.organization, std::move(deleted), options.now, no_word));
    for (const auto& [id, change] : changes) {
        if (!change.after) continue;
        const Timestamp since = options.held.at(id);
        parts.push_back(std::make_unique<store::UpdateTask>(
            store::TaskUpdate{.task = std::make_shared<const Task>(*change.after),
                              .timer = changed_timer(change.before, *change.after, services.ids, since),
                              .running = running.at(id)},
            no_word));
    }
    std::vector<store::NewTask> made;
    for (PlannedTask& planned : plan.tasks) {
        if (planned.action != PlannedTask::Action::create) continue;
        planned.after->id = services.ids.next(options.now);
        planned.after->organization = declaration.organization;
        const auto task = std::make_shared<const Task>(*planned.after);
        made.push_back({task, first_timer(*task)});
    }
    if (!made.empty()) parts.push_back(std::make_unique<store::InsertTasks>(std::move(made), no_word));
    if (declaration.also)
        for (auto& part : declaration.also()) parts.push_back(std::move(part));
    return std::make_unique<store::WriteAll>(std::move(parts), std::move(done));
}

/// Of every task that the plan makes, changes or deletes.
std::vector<AuditEntry> entries_of(const Services& services, const AuditEntry& by, const Plan& plan,
                                   const std::map<Id, Change>& changes) {
    std::vector<AuditEntry> entries;
    if (by.organization == 0) return entries;
    const auto add = [&](const Task* before, const Task* after) {
        auto entry = task_entry(by, before, after, services.public_ids, services.audit.bodies);
        if (entry) entries.push_back(std::move(*entry));
    };
    for (const auto& [id, change] : changes) add(&change.before, change.after ? &*change.after : nullptr);
    for (const PlannedTask& planned : plan.tasks)
        if (planned.action == PlannedTask::Action::create) add(nullptr, &*planned.after);
    return entries;
}

/// One try, while the engine holds what the first look wants to change. Errors: `conflict` when it looks otherwise now.
Async<Result<Plan>> write_held(const Services& services, api::Context& context, const Declaration& declaration,
                               PlanOptions options, const std::map<Id, engine::Held>& held, const PlanAnswer& answer) {
    for (const auto& [id, found] : held) {
        if (!found.is_settled) co_return Error{ErrorKind::unavailable, "A schedule is at work; try again", "busy"};
        options.held.emplace(id, found.now);
    }
    auto plan = co_await make_plan(services, declaration, options);
    if (!plan || !plan->refused.empty()) co_return plan;
    const std::map<Id, Change> changes = changes_of(*plan);
    std::vector<Id> held_tasks;
    for (const auto& [id, held_since] : held) held_tasks.push_back(id);
    if (ids_of(changes) != held_tasks)
        co_return Error{ErrorKind::conflict, "the tasks were changed by somebody else meanwhile; try again"};
    const auto running = co_await running_of_all(services.engine, held_tasks);
    for (PlannedTask& planned : plan->tasks)
        if (planned.action == PlannedTask::Action::create) keep_trace(context.request, *planned.after);
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = write_of(services, declaration, *plan, changes, running, options, std::move(done));
            // New tasks have their ids only now.
            return store::audited(std::move(write), entries_of(services, declaration.by, *plan, changes));
        },
        [&] { return answer(*plan); });
    if (!committed) co_return committed.error();
    co_return plan;
}

}  // namespace

std::optional<Timer> changed_timer(const Task& before, const Task& after, IdMaker& ids, Timestamp now) {
    if (after.kind == TaskKind::cron) return first_timer(after);
    const bool moves = before.kind != TaskKind::once || before.scheduled_at != after.scheduled_at;
    if (!moves || *after.scheduled_at < now) return std::nullopt;
    Timer timer = *first_timer(after);
    timer.id = timer.first = ids.next(now);
    return timer;
}

Async<Result<Plan>> carry_out(const Services& services, api::Context& context, Declaration declaration,
                              PlanAnswer answer) {
    if (declaration.tasks.size() > declared_tasks_max)
        co_return Error{
            ErrorKind::invalid,
            fmt::format("tasks has {} items, at most {} are allowed", declaration.tasks.size(), declared_tasks_max),
            "limit_exceeded"};
    const PlanOptions options{.rules = services.rules.of(declaration.organization),
                              .now = context.now,
                              .reading = declaration.reading,
                              .delete_removed = declaration.delete_removed};
    for (int tries = 1;; ++tries) {
        auto plan = co_await make_plan(services, declaration, options);
        if (!plan || !plan->refused.empty() || declaration.is_dry_run) co_return plan;
        const std::vector<Id> touched = ids_of(changes_of(*plan));
        const auto held = co_await hold_all(services.engine, touched);
        plan = co_await write_held(services, context, declaration, options, held, answer);
        for (const Id id : touched) services.engine.end_hold({.task = id});
        if (!plan && plan.error().kind == ErrorKind::conflict && tries < tries_max) continue;
        co_return plan;
    }
}

}  // namespace punkt::tasks

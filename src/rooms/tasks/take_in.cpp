#include "rooms/tasks/take_in.h"

#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"

namespace punkt::tasks {
namespace {

/// Each try that fails means that somebody else's debounce began anew meanwhile, which happens once in its wait.
constexpr int tries_max = 10;

Async<Result<store::HeldTasks>> hold_debounced(const Services& services, Id organization,
                                               const std::vector<store::Wish>& wishes) {
    std::vector<OnceRule> rules;
    for (const auto& wish : wishes)
        if (wish.once && wish.once->kind == OnceKind::debounce) rules.push_back(*wish.once);
    store::HeldTasks held;
    if (rules.empty()) co_return held;
    const auto waiting =
        co_await services.readers.read<std::vector<Id>>([organization, rules](db::Connection& connection) {
            return store::find_debounced(connection, organization, rules);
        });
    if (!waiting) co_return waiting.error();
    for (const Id task : *waiting) held[task] = (co_await hold(services.engine, task, 0)).running;
    co_return held;
}

/// Of what became of the wishes: a task that took the place of another changed it, one that was ignored changed
/// nothing.
std::vector<AuditEntry> taken_entries(const Services& services, const api::Context& context, const Intake& intake) {
    std::vector<AuditEntry> entries;
    const auto add = [&](AuditEntry entry) { entries.push_back(std::move(entry)); };
    std::size_t tasks = 0;
    for (std::size_t i = 0; i < intake.taken.size(); ++i) {
        const store::Taken& taken = intake.taken[i];
        const Task& wanted = *intake.wishes[i].task.task;
        if (taken.as == TakenAs::created || taken.as == TakenAs::replaced) ++tasks;
        if (taken.as == TakenAs::created)
            for (auto& entry : created_entries(context, wanted, services.public_ids, services.audit))
                add(std::move(entry));
        if (taken.as != TakenAs::replaced) continue;
        Task after = wanted;
        after.id = taken.task;
        after.scheduled_at = taken.scheduled_for;
        auto entry = task_entry(api::audit_entry(context, "", "task", ""), taken.before.get(), &after,
                                services.public_ids, services.audit.bodies);
        if (!entry) continue;
        entry->action = "replaced";
        add(std::move(*entry));
    }
    if (!intake.is_batch || tasks == 0) return entries;
    AuditEntry batch = api::audit_entry(context, "created", "batch", "");
    batch.metadata.emplace_back("tasks", fmt::format("{}", tasks));
    entries.insert(entries.begin(), std::move(batch));
    return entries;
}

}  // namespace

Async<Result<void>> take_in(const Services& services, api::Context& context, Intake& intake,
                            std::function<net::HttpReply()> answer) {
    for (int tries = 1;; ++tries) {
        const auto held = co_await hold_debounced(services, context.caller.organization, intake.wishes);
        if (!held) co_return held.error();
        const auto committed = co_await api::commit(
            services.writer, context,
            [&](store::Done done) {
                return store::audited(
                    std::make_unique<store::TakeIn>(
                        intake.wishes,
                        store::TakeIn::Options{.held = *held, .is_partial = intake.is_partial, .now = context.now},
                        intake.taken, std::move(done)),
                    [&services, &context, &intake] { return taken_entries(services, context, intake); });
            },
            answer);
        for (const auto& [task, running] : *held)
            if (!running) services.engine.end_hold({.execution = task});
        if (committed || committed.error().code != store::code_winner_changed) co_return committed;
        if (tries == tries_max)
            co_return Error{ErrorKind::unavailable, "too many ask for the same debounce key at once; try again"};
    }
}

}  // namespace punkt::tasks

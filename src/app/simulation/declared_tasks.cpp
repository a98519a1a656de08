#include "app/simulation/declared_tasks.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/time_text.h"
#include "core/schedule.h"
#include "rooms/tasks/definitions/plan.h"

namespace punkt::app {
namespace {

using Action = tasks::PlannedTask::Action;

bool is_over(json::Value item, Timestamp from) {
    const auto at = parse_rfc3339(item["scheduled_at"].string().value_or(""));
    return at && *at < from;
}

/// Its years are over: it was fine when it was stored, and has no run any more.
bool has_no_further_run(json::Value item, Timestamp from) {
    if (item["schedule_type"].string().value_or("") != word(TaskKind::cron)) return false;
    Task task{.kind = TaskKind::cron, .cron = std::string(item["cron_expression"].string().value_or(""))};
    task.timezone = item["timezone"].string().value_or(task.timezone);
    task.dialect = cron_dialect_from(item["cron_dialect"].string().value_or("")).value_or(task.dialect);
    const auto schedule = Schedule::create(task);
    return schedule && !schedule->next(from - Milliseconds{1});
}

Result<tasks::Plan> planned(std::vector<json::Value> items, const std::vector<Task>& existing, bool prune,
                            Timestamp from) {
    std::erase_if(items, [from](json::Value item) { return is_over(item, from); });
    auto guard = net::AddressGuard::create("1");  // nothing is called
    if (!guard) return guard.error();
    // The instant at `from` itself belongs to what is simulated.
    const tasks::PlanOptions options{.rules = {.guard = *guard},
                                     .now = from - Milliseconds{1},
                                     .reading = tasks::Reading::whole,
                                     .may_lack_secrets = true,
                                     .delete_removed = prune};
    tasks::Plan plan = tasks::plan_tasks(items, existing, PublicIds(PublicIds::Key{}), options);
    if (plan.refused.empty()) return plan;
    std::string wrong;
    for (const tasks::RefusedItem& item : plan.refused)
        wrong += fmt::format("{}'{}': {}", wrong.empty() ? "" : " | ", item.name, item.error);
    return Error{ErrorKind::invalid, wrong};
}

}  // namespace

Result<std::vector<Task>> declared_tasks(json::Value document, Timestamp from) {
    std::vector<json::Value> items = document["tasks"].elements();
    std::erase_if(items, [from](json::Value item) { return has_no_further_run(item, from); });
    auto plan = planned(std::move(items), {}, false, from);
    if (!plan) return plan.error();
    std::vector<Task> tasks;
    for (auto& task : plan->tasks) tasks.push_back(std::move(*task.after));
    return tasks;
}

Result<std::vector<Task>> applied_tasks(const std::vector<Task>& tasks, json::Value document, bool prune,
                                        Timestamp from) {
    std::vector<Task> existing = tasks;
    for (std::size_t i = 0; i < existing.size(); ++i) existing[i].id = static_cast<Id>(i + 1);
    auto plan = planned(document["tasks"].elements(), existing, prune, from);
    if (!plan) return plan.error();
    std::vector<Task> made;
    std::unordered_map<Id, const tasks::PlannedTask*> touched;
    for (const auto& task : plan->tasks)
        if (task.before) touched[task.before->id] = &task;
    for (const Task& task : existing) {
        const auto found = touched.find(task.id);
        if (found == touched.end())
            made.push_back(task);
        else if (found->second->after)
            made.push_back(*found->second->after);
    }
    for (const auto& task : plan->tasks)
        if (task.action == Action::create) made.push_back(*task.after);
    for (Task& task : made) task.id = 0;
    return made;
}

}  // namespace punkt::app

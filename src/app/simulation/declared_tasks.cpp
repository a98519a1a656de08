#include "app/simulation/declared_tasks.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/time_text.h"
#include "rooms/tasks/definitions/plan.h"

namespace punkt::app {
namespace {

using Action = tasks::PlannedTask::Action;

bool is_over(json::Value item, Timestamp from) {
    const auto at = parse_rfc3339(item["scheduled_at"].string().value_or(""));
    return at && *at < from;
}

Result<tasks::Plan> planned(json::Value document, const std::vector<Task>& existing, bool prune, Timestamp from) {
    std::vector<json::Value> items;
    for (const json::Value item : document["tasks"].elements())
        if (!is_over(item, from)) items.push_back(item);
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
    auto plan = planned(document, {}, false, from);
    if (!plan) return plan.error();
    std::vector<Task> tasks;
    for (auto& task : plan->tasks) tasks.push_back(std::move(*task.after));
    return tasks;
}

Result<std::vector<Task>> applied_tasks(const std::vector<Task>& tasks, json::Value document, bool prune,
                                        Timestamp from) {
    std::vector<Task> existing = tasks;
    for (std::size_t i = 0; i < existing.size(); ++i) existing[i].id = static_cast<Id>(i + 1);
    auto plan = planned(document, existing, prune, from);
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

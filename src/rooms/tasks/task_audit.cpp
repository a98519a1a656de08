#include "rooms/tasks/task_audit.h"

#include "api/audit.h"
#include "rooms/tasks/task_json.h"

namespace punkt::tasks {
namespace {

std::string text_of(const Task* task, const PublicIds& ids) {
    if (task == nullptr) return "";
    json::Writer writer;
    write_task(writer, *task, ids);
    return writer.take();
}

const char* action_of(const Task* before, const Task* after, std::string_view changes) {
    if (before == nullptr) return "created";
    if (after == nullptr) return "deleted";
    const bool only_switched = before->enabled != after->enabled && changes.starts_with("{\"enabled\":{") &&
                               changes.find('}') + 2 == changes.size();
    if (!only_switched) return "updated";
    return after->enabled ? "enabled" : "disabled";
}

}  // namespace

std::string task_changes(const Task* before, const Task* after, const PublicIds& ids, AuditBodies bodies) {
    return audit_changes(text_of(before, ids), text_of(after, ids), bodies);
}

std::optional<AuditEntry> task_entry(AuditEntry by, const Task* before, const Task* after, const PublicIds& ids,
                                     AuditBodies bodies) {
    by.changes = task_changes(before, after, ids, bodies);
    if (by.changes.empty()) return std::nullopt;
    by.action = action_of(before, after, by.changes);
    const Task& known = after != nullptr ? *after : *before;
    by.resource_type = "task";
    by.resource_id = ids.uuid(IdKind::task, known.id);
    by.metadata.emplace_back("task_name", known.name);
    return by;
}

std::vector<AuditEntry> created_entries(const api::Context& context, const Task& task, const PublicIds& ids,
                                        const AuditOptions& options) {
    if (task.kind == TaskKind::once && !options.one_time_creates) return {};
    auto entry = task_entry(api::audit_entry(context, "created", "task", ""), nullptr, &task, ids, options.bodies);
    return entry ? std::vector{std::move(*entry)} : std::vector<AuditEntry>{};
}

}  // namespace punkt::tasks

#include "rooms/tasks/definitions/document.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/json.h"
#include "rooms/tasks/definitions/field_changes.h"
#include "rooms/tasks/definitions/secret_values.h"

namespace punkt::tasks {
namespace {

/// Stand in every item, and before all others: what one looks for in a diff.
constexpr std::array<std::string_view, 6> leading{"key",         "name", "url", "schedule_type", "cron_expression",
                                                  "scheduled_at"};

void write_item(json::Writer& writer, Task task, const PublicIds& ids) {
    hide_secrets(task);
    const auto fields = declared_fields(task, ids);
    const auto defaults = default_fields(task.kind, ids);
    writer.begin_object();
    for (const std::string_view name : leading)
        for (const Field& field : fields)
            if (field.name == name && field.value != "null") writer.key(field.name).raw(field.value);
    for (const Field& field : fields) {
        const bool is_default = std::find(defaults.begin(), defaults.end(), field) != defaults.end();
        const bool is_written = std::find(leading.begin(), leading.end(), field.name) != leading.end();
        if (!is_default && !is_written) writer.key(field.name).raw(field.value);
    }
    writer.end_object();
}

}  // namespace

std::string definitions_document(std::vector<Task> tasks, const PublicIds& ids, Timestamp now,
                                 const std::vector<const api::DefinitionPart*>& others, Id organization) {
    std::erase_if(tasks, [now](const Task& task) { return task.kind == TaskKind::once && *task.scheduled_at <= now; });
    std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) {
        return std::tuple(a.key.empty(), a.key, a.name, a.id) < std::tuple(b.key.empty(), b.key, b.name, b.id);
    });
    json::Writer writer;
    writer.begin_object().key("version").integer(document_version);
    writer.key("tasks").begin_array();
    for (Task& task : tasks) write_item(writer, std::move(task), ids);
    writer.end_array();
    for (const api::DefinitionPart* part : others) part->write(writer.key(part->member()), organization);
    writer.end_object();
    return writer.take();
}

}  // namespace punkt::tasks

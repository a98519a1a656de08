#include "rooms/tasks/definitions/field_changes.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "rooms/tasks/task_json.h"

namespace punkt::tasks {
namespace {

/// Members of a task's JSON that Punkt sets, not the user.
constexpr std::array<std::string_view, 7> own_members{
    "id", "next_run_at", "last_execution_at", "last_execution_status", "inserted_at", "updated_at", "badge_token"};

}  // namespace

std::vector<Field> declared_fields(const Task& task, const PublicIds& ids) {
    Task shown = task;
    if (shown.id == 0) shown.id = 1;  // a new one; its id is not among the fields
    json::Writer writer;
    write_task(writer, shown, ids);
    const auto document = json::Document::parse(writer.text());
    check(document.has_value(), "a task is written as JSON");
    std::vector<Field> fields;
    for (const auto& [name, value] : document->root().members())
        if (std::find(own_members.begin(), own_members.end(), name) == own_members.end())
            fields.push_back({std::string(name), value.text()});
    return fields;
}

std::vector<Field> default_fields(TaskKind kind, const PublicIds& ids) {
    return declared_fields(Task{.kind = kind, .method = Method::get}, ids);
}

std::vector<FieldChange> changes_between(const std::vector<Field>& before, const std::vector<Field>& after) {
    const auto value_in = [](const std::vector<Field>& fields, const std::string& name) {
        const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
        return found == fields.end() ? std::string("null") : found->value;
    };
    std::vector<FieldChange> changes;
    for (const Field& field : after)
        if (auto from = value_in(before, field.name); from != field.value)
            changes.push_back({field.name, std::move(from), field.value});
    // A body that is text on one side and bytes on the other stands under two names.
    for (const Field& field : before)
        if (field.value != "null" &&
            std::none_of(after.begin(), after.end(), [&](const Field& f) { return f.name == field.name; }))
            changes.push_back({field.name, field.value, "null"});
    return changes;
}

}  // namespace punkt::tasks

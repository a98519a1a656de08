// What differs between two versions of a task, in the words of the API. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "core/task.h"

namespace punkt::tasks {

/// A field that a user declares, and its value as JSON.
struct Field {
    std::string name;
    std::string value;
    bool operator==(const Field&) const = default;
};

struct FieldChange {
    std::string field;
    std::string from;  // JSON; of a new task: what it would be if nobody had said
    std::string to;
};

/// The fields of a task that a user declares, in the order of the API: all but ids, times of its life and what it did.
std::vector<Field> declared_fields(const Task& task, const PublicIds& ids);
/// A task of this kind about which nothing was said.
std::vector<Field> default_fields(TaskKind kind, const PublicIds& ids);
std::vector<FieldChange> changes_between(const std::vector<Field>& before, const std::vector<Field>& after);

}  // namespace punkt::tasks

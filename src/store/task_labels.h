// What tasks can be found by besides their columns: tags and members of the metadata. Only tasks that have any have
// rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/task.h"
#include "db/connection.h"

namespace punkt::store {

/// As they are stored; one of each cannot be taken for another.
std::string tag_label(std::string_view tag);
/// `value`: the text of a string, number or boolean.
std::string metadata_label(std::string_view name, std::string_view value);

/// The labels of a task: its tags and those members of its metadata that are strings of up to 255 bytes, numbers or
/// booleans.
std::vector<std::string> labels_of(const Task& task);

/// Part of storing a task: its labels become those that it has now.
Result<void> store_labels(db::Connection& connection, const Task& task, bool is_new);

/// Tasks with that label, newest first, older than `before`, deleted ones among them. At most `limit`.
Result<std::vector<Id>> tasks_with_label(db::Connection& connection, Id organization, std::string_view label, Id before,
                                         int limit);
Result<bool> has_label(db::Connection& connection, Id organization, std::string_view label, Id task);

}  // namespace punkt::store

#include "store/task_labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace punkt::store {
namespace {

constexpr std::size_t value_bytes_max = 255;
constexpr char between = '\x1f';  // no key of the metadata has control characters

}  // namespace

std::string tag_label(std::string_view tag) { return fmt::format("#{}", tag); }

std::string metadata_label(std::string_view name, std::string_view value) {
    return fmt::format(".{}{}{}", name, between, value);
}

std::vector<std::string> labels_of(const Task& task) {
    std::vector<std::string> labels;
    for (const auto& tag : task.tags) labels.push_back(tag_label(tag));
    if (!task.metadata.empty()) {
        const auto metadata = json::Document::parse(task.metadata);
        if (!metadata) return labels;
        for (const auto& [name, value] : metadata->root().members()) {
            const auto text = value.string();
            const bool is_scalar = text ? text->size() <= value_bytes_max
                                        : value.type() == json::Type::integer || value.type() == json::Type::real ||
                                              value.type() == json::Type::boolean;
            if (is_scalar) labels.push_back(metadata_label(name, text ? std::string(*text) : value.text()));
        }
    }
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
}

Result<void> store_labels(db::Connection& connection, const Task& task, bool is_new) {
    if (!is_new) {
        auto removed = connection.execute("DELETE FROM task_label WHERE task = $1", {task.id});
        if (!removed) return removed.error();
    }
    if (task.tags.empty() && task.metadata.empty()) return {};
    for (const auto& label : labels_of(task)) {
        auto added = connection.execute("INSERT INTO task_label (organization, label, task) VALUES ($1, $2, $3)",
                                        {task.organization, label, task.id});
        if (!added) return added.error();
    }
    return {};
}

Result<std::vector<Id>> tasks_with_label(db::Connection& connection, Id organization, std::string_view label, Id before,
                                         int limit) {
    std::vector<Id> tasks;
    auto done = connection.query(
        "SELECT task FROM task_label WHERE organization = $1 AND label = $2 AND task < $3 ORDER BY task DESC LIMIT $4",
        {organization, label, before, limit}, [&](const db::Row& row) { tasks.push_back(row.integer(0)); });
    if (!done) return done.error();
    return tasks;
}

Result<bool> has_label(db::Connection& connection, Id organization, std::string_view label, Id task) {
    auto found = db::query_number(
        connection, "SELECT count(*) FROM task_label WHERE organization = $1 AND label = $2 AND task = $3",
        {organization, label, task});
    if (!found) return found.error();
    return *found != 0;
}

}  // namespace punkt::store

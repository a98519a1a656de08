#include "rooms/tasks/label_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "store/task_labels.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void read_tags(FieldReader& fields, std::vector<std::string>& into) {
    const json::Value tags = fields.raw("tags");
    if (!tags.exists()) return;
    into.clear();
    if (tags.is_nothing()) return;
    if (tags.type() != json::Type::array) return fields.wrong("tags", "is invalid (it must be a list of texts)");
    for (const json::Value& element : tags.elements()) {
        const auto tag = element.string().value_or("");
        if (tag.find_first_not_of(' ') == std::string_view::npos || has_control(tag))
            return fields.wrong("tags", "is invalid (every tag must be a text)");
        if (characters(tag) > limits::tag_characters)
            return fields.wrong("tags", fmt::format("should be at most {} character(s) each", limits::tag_characters));
        if (std::find(into.begin(), into.end(), tag) == into.end()) into.emplace_back(tag);
    }
    if (into.size() > limits::tags_count)
        fields.wrong("tags", fmt::format("has {} tags, at most {} are allowed", into.size(), limits::tags_count));
}

void read_metadata(FieldReader& fields, std::string& into) {
    const json::Value metadata = fields.raw("metadata");
    if (!metadata.exists()) return;
    into.clear();
    if (metadata.is_nothing()) return;
    if (metadata.type() != json::Type::object) return fields.wrong("metadata", "is invalid (it must be an object)");
    const auto members = metadata.members();
    if (members.empty()) return;
    if (members.size() > limits::metadata_members)
        return fields.wrong("metadata", fmt::format("has {} members, at most {} are allowed", members.size(),
                                                    limits::metadata_members));
    for (const auto& [name, value] : members)
        if (name.empty() || has_control(name)) return fields.wrong("metadata", "is invalid (a name is no text)");
    into = metadata.text();
    if (into.size() > limits::metadata_bytes)
        fields.wrong("metadata", fmt::format("must be at most {} bytes of JSON", limits::metadata_bytes));
}

}  // namespace

void read_labels(FieldReader& fields, Task& task) {
    read_tags(fields, task.tags);
    read_metadata(fields, task.metadata);
}

void write_labels(json::Writer& writer, const Task& task) {
    writer.key("tags").begin_array();
    for (const auto& tag : task.tags) writer.string(tag);
    writer.end_array();
    writer.key("metadata").raw(task.metadata.empty() ? "{}" : task.metadata);
}

std::vector<std::string> wanted_labels(const api::Context& context) {
    constexpr std::string_view prefix = "metadata.";
    std::vector<std::string> labels;
    for (const auto& [name, value] : context.query) {
        if (name == "tag" && !value.empty()) labels.push_back(store::tag_label(value));
        if (name.starts_with(prefix) && name.size() > prefix.size())
            labels.push_back(store::metadata_label(std::string_view(name).substr(prefix.size()), value));
    }
    return labels;
}

}  // namespace punkt::tasks

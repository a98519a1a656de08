#include "rooms/tasks/definitions/plan_json.h"

#include <fmt/format.h>

namespace punkt::tasks {
namespace {

void write_names(json::Writer& writer, const std::vector<std::string>& names) {
    writer.begin_array();
    for (const std::string& name : names) writer.string(name);
    writer.end_array();
}

std::string refused_text(const RefusedItem& item) {
    const std::string who = item.name.empty() ? fmt::format("item {}", item.index) : fmt::format("'{}'", item.name);
    return fmt::format("{}: {}", who, item.error);
}

std::vector<std::string>& names_of(Counted& counted, PlannedTask::Action action) {
    switch (action) {
        case PlannedTask::Action::create:
            return counted.created;
        case PlannedTask::Action::update:
            return counted.updated;
        case PlannedTask::Action::unchanged:
            return counted.unchanged;
        case PlannedTask::Action::remove:
            return counted.deleted;
    }
    return counted.unchanged;
}

}  // namespace

Counted count(const Plan& plan) {
    Counted counted;
    for (const PlannedTask& task : plan.tasks) names_of(counted, task.action).push_back(task.name);
    return counted;
}

void add_count(Counted& counted, const api::DefinitionPlan& plan) {
    for (const api::DefinitionChange& change : plan.changes) names_of(counted, change.action).push_back(change.name);
}

void write_counted(json::Writer& writer, const Counted& counted) {
    write_names(writer.key("created"), counted.created);
    write_names(writer.key("updated"), counted.updated);
    write_names(writer.key("deleted"), counted.deleted);
    const auto size = [](const std::vector<std::string>& names) { return static_cast<std::int64_t>(names.size()); };
    writer.key("created_count").integer(size(counted.created));
    writer.key("updated_count").integer(size(counted.updated));
    writer.key("deleted_count").integer(size(counted.deleted));
    write_names(writer.key("unchanged"), counted.unchanged);
    writer.key("unchanged_count").integer(size(counted.unchanged));
}

void write_ambiguous(json::Writer& writer, const std::vector<Ambiguity>& ambiguous) {
    writer.begin_array();
    for (const Ambiguity& each : ambiguous) {
        writer.begin_object().key("name").string(each.name).key("cron_expression").string(each.cron);
        writer.key("read_as").string(punkt::word(each.read_as)).end_object();
    }
    writer.end_array();
}

void write_changes(json::Writer& writer, const Plan& plan, const PublicIds& ids) {
    for (const PlannedTask& task : plan.tasks) {
        if (task.action == PlannedTask::Action::unchanged) continue;
        const Task& known = task.before ? *task.before : *task.after;
        writer.begin_object().key("action").string(word(task.action)).key("type").string("task").key("id");
        known.id != 0 ? writer.string(ids.uuid(IdKind::task, known.id)) : writer.null();
        const std::string& key = task.after ? task.after->key : known.key;
        writer.key("key");
        key.empty() ? writer.null() : writer.string(key);
        writer.key("name").string(task.name).key("fields").begin_object();
        for (const FieldChange& change : task.changes)
            writer.key(change.field).begin_object().key("from").raw(change.from).key("to").raw(change.to).end_object();
        writer.end_object().end_object();
    }
}

void write_changes(json::Writer& writer, const api::DefinitionPlan& plan, std::string_view type) {
    for (const api::DefinitionChange& change : plan.changes) {
        if (change.action == PlannedTask::Action::unchanged) continue;
        writer.begin_object().key("action").string(word(change.action)).key("type").string(type).key("id");
        change.id.empty() ? writer.null() : writer.string(change.id);
        writer.key("key").null().key("name").string(change.name).key("fields").begin_object();
        for (const auto& field : change.fields)
            writer.key(field.name).begin_object().key("from").raw(field.from).key("to").raw(field.to).end_object();
        writer.end_object().end_object();
    }
}

std::string message(std::string_view what, const Counted& counted) {
    std::string parts;
    const auto add = [&parts](const std::vector<std::string>& names, const char* done) {
        if (!names.empty()) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", names.size(), done);
    };
    add(counted.created, "created");
    add(counted.updated, "updated");
    add(counted.deleted, "deleted");
    return parts.empty() ? "No changes" : fmt::format("{}: {}", what, parts);
}

net::HttpReply refused_reply(const std::vector<RefusedItem>& refused) {
    std::string all;
    for (const RefusedItem& item : refused) all += (all.empty() ? "" : " | ") + refused_text(item);
    json::Writer writer;
    writer.begin_object().key("error").begin_object().key("code").string("validation_error");
    writer.key("message").string(all).key("details").begin_array();
    for (const RefusedItem& item : refused) {
        writer.begin_object().key("name").string(item.name).key("error").string(item.error);
        writer.key("type").string(item.type).key("index").integer(static_cast<std::int64_t>(item.index)).end_object();
    }
    writer.end_array().end_object().end_object();
    return {.status = 422, .body = writer.take()};
}

}  // namespace punkt::tasks

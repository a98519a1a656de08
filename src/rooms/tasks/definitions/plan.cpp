#include "rooms/tasks/definitions/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "core/cron_preview.h"
#include "core/time_zone.h"
#include "rooms/tasks/definitions/secret_values.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

/// "field: message, message; field2: message" (runlater-api.md §1.3).
std::string as_text(const Error& error) {
    if (error.fields.empty()) return error.message;
    std::string text;
    std::vector<std::string_view> done;
    for (const FieldError& first : error.fields) {
        if (std::find(done.begin(), done.end(), first.field) != done.end()) continue;
        done.push_back(first.field);
        text += fmt::format("{}{}: ", text.empty() ? "" : "; ", first.field);
        bool is_first = true;
        for (const FieldError& same : error.fields) {
            if (same.field != first.field) continue;
            text += (is_first ? "" : ", ") + same.message;
            is_first = false;
        }
    }
    return text;
}

/// Checks what create leaves to the caller's choice but a declaration must say: its kind of schedule.
std::optional<TaskKind> declared_kind(FieldReader& fields) {
    const bool has_cron = !fields.raw("cron").is_nothing() || !fields.raw("cron_expression").is_nothing();
    if (!fields.raw("delay").is_nothing())
        fields.wrong("delay", "cannot be declared (it would mean another time each time; use scheduled_at)");
    const auto word_given = fields.string("schedule_type");
    if (!word_given) {
        if (has_cron) return TaskKind::cron;
        fields.wrong("schedule_type", "can't be blank");
        return std::nullopt;
    }
    const auto kind = task_kind_from(*word_given);
    if (!kind) fields.wrong("schedule_type", fmt::format("is invalid ('{}' is not one of cron, once)", *word_given));
    if (kind == TaskKind::cron && !has_cron) fields.wrong("cron_expression", "can't be blank");
    if (kind == TaskKind::once) {
        if (has_cron) fields.wrong("cron_expression", "is only for tasks with schedule_type \"cron\"");
        if (fields.raw("scheduled_at").is_nothing() && fields.raw("run_at").is_nothing())
            fields.wrong("scheduled_at", "can't be blank");
    }
    return kind;
}

bool is_as_shown(Timestamp stored, Timestamp given) {
    return stored == given || std::chrono::floor<std::chrono::seconds>(stored) == given;
}

class Planning {
  public:
    Planning(const std::vector<Task>& existing, const PublicIds& ids, const PlanOptions& options)
        : ids_(ids), options_(options) {
        for (const Task& task : existing) known_.push_back({task, declared_fields(task, ids)});
        for (std::size_t i = 0; i < known_.size(); ++i) {
            const Task& task = known_[i].task;
            if (!task.key.empty()) by_key_.emplace(task.key, i);
            if (task.kind == TaskKind::cron) by_name_[task.name].push_back(i);
        }
        for (const TaskKind kind : {TaskKind::once, TaskKind::cron})
            for (const Field& field : default_fields(kind, ids)) field_names_.insert(field.name);
    }

    void declare(std::size_t index, json::Value item);
    void delete_removed();

    Plan plan;

  private:
    struct Known {
        Task task;  // as the items so far leave it
        std::vector<Field> fields;
        bool is_matched = false;
    };

    Timestamp now_of(const Task& task) const {
        const auto held = options_.held.find(task.id);
        return held == options_.held.end() ? options_.now : held->second;
    }
    void check_names(FieldReader& fields, std::string& name);
    std::string unknown_fields(json::Value item, const std::unordered_set<std::string>& asked) const;
    Known* match(FieldReader& fields, const std::string& name, const std::optional<std::string>& key);
    Result<Task> made(FieldReader& fields, const std::string& name, const Task* matched);
    Result<void> update(Known& known, FieldReader& fields, const std::string& own_name);
    Result<void> create(FieldReader& fields, const std::string& name);
    void name_ambiguity(const Task& task);

    const PublicIds& ids_;
    const PlanOptions& options_;
    std::vector<Known> known_;
    std::unordered_map<std::string, std::size_t> by_key_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_name_;  // the oldest first
    std::unordered_set<std::string> field_names_;
    std::unordered_set<std::string> declared_names_;
    std::unordered_set<std::string> declared_keys_;
};

void Planning::check_names(FieldReader& fields, std::string& name) {
    const auto key = fields.string("key");
    name = fields.string("name").value_or(key.value_or(""));
    if (name.empty() && fields.is_clean()) fields.wrong("name", "can't be blank");
    if (key && !declared_keys_.insert(*key).second) fields.wrong("key", "is declared twice");
    declared_names_.insert(name);
}

/// "timout_ms: is no field of a task; …": what no rule has asked for and no task shows.
std::string Planning::unknown_fields(json::Value item, const std::unordered_set<std::string>& asked) const {
    std::string text;
    for (const auto& [member, value] : item.members()) {
        const std::string name(member);
        if (!asked.contains(name) && !field_names_.contains(name))
            text += fmt::format("{}{}: is no field of a task", text.empty() ? "" : "; ", name);
    }
    return text;
}

Planning::Known* Planning::match(FieldReader& fields, const std::string& name, const std::optional<std::string>& key) {
    if (key)
        if (const auto found = by_key_.find(*key); found != by_key_.end()) return &known_[found->second];
    if (fields.raw("schedule_type").string() == "once") return nullptr;
    const auto same_name = by_name_.find(name);
    if (same_name == by_name_.end()) return nullptr;
    for (const std::size_t i : same_name->second) {
        // A task is found by its name as long as it has no key of its own, and then gets the declared one.
        if (key && !known_[i].task.key.empty()) continue;
        if (options_.reading == Reading::whole && (known_[i].is_matched || !known_[i].task.key.empty())) continue;
        return &known_[i];
    }
    return nullptr;
}

/// The task that an item declares by itself. `matched`: the one that it stands for; its time may have passed.
Result<Task> Planning::made(FieldReader& fields, const std::string& name, const Task* matched) {
    const auto kind = declared_kind(fields);
    const Timestamp now = matched != nullptr ? now_of(*matched) : options_.now;
    const bool was_once = matched != nullptr && matched->scheduled_at;
    auto task = new_task(fields, options_.rules,
                         was_once && kind == TaskKind::once ? std::min(now, *matched->scheduled_at) : now);
    if (!task) return task;
    if (options_.reading == Reading::whole && !options_.may_lack_secrets)
        if (auto wrong = restore_secrets(*task, matched); !wrong.empty())
            return Error{.message = "", .fields = std::move(wrong)};
    task->created_at = task->updated_at = now;
    if (fields.raw("name").is_nothing()) task->name = name;
    if (kind == TaskKind::once && !fields.string("method")) task->method = Method::get;
    if (was_once && task->scheduled_at) {
        if (is_as_shown(*matched->scheduled_at, *task->scheduled_at))
            task->scheduled_at = matched->scheduled_at;
        else if (*task->scheduled_at < now)
            return Error{.message = "", .fields = {{"scheduled_at", "must be in the future"}}};
    }
    return task;
}

Result<void> Planning::update(Known& known, FieldReader& fields, const std::string& own_name) {
    known.is_matched = true;
    const Task before = known.task;
    const std::string name = fields.raw("name").is_nothing() ? before.name : own_name;
    Result<Task> after = options_.reading == Reading::partial
                             ? updated_task(before, fields, options_.rules, now_of(before))
                             : made(fields, own_name, &before);
    if (!after) return after.error();
    if (options_.reading == Reading::whole) {
        after->id = before.id;
        after->organization = before.organization;
        after->version = before.version + 1;
        after->created_at = before.created_at;
        after->traceparent = before.traceparent;
        after->tracestate = before.tracestate;
    }
    name_ambiguity(*after);
    std::vector<Field> new_fields = declared_fields(*after, ids_);
    auto changes = changes_between(known.fields, new_fields);
    if (changes.empty()) {
        plan.tasks.push_back({PlannedTask::Action::unchanged, name, before, before});
        return {};
    }
    plan.tasks.push_back({PlannedTask::Action::update, name, before, *after, std::move(changes)});
    known.task = std::move(*after);
    known.fields = std::move(new_fields);
    return {};
}

Result<void> Planning::create(FieldReader& fields, const std::string& name) {
    auto task = made(fields, name, nullptr);
    if (!task) return task.error();
    name_ambiguity(*task);
    auto changes = changes_between(default_fields(task->kind, ids_), declared_fields(*task, ids_));
    plan.tasks.push_back({PlannedTask::Action::create, name, std::nullopt, std::move(*task), std::move(changes)});
    return {};
}

void Planning::name_ambiguity(const Task& task) {
    if (task.kind != TaskKind::cron) return;
    const auto zone = TimeZone::find(task.timezone);
    if (zone && dialects_differ(task.cron, *zone, options_.now))
        plan.ambiguous.push_back({task.name, task.cron, task.dialect});
}

void Planning::declare(std::size_t index, json::Value item) {
    if (item.type() != json::Type::object) {
        plan.refused.push_back({index, "", "is invalid (not an object)"});
        return;
    }
    FieldReader fields(item);
    std::unordered_set<std::string> asked;
    if (options_.reading == Reading::whole) fields.note_asked(asked);
    std::string name;
    check_names(fields, name);
    Known* const known = name.empty() ? nullptr : match(fields, name, fields.string("key"));
    const auto planned = known != nullptr ? update(*known, fields, name) : create(fields, name);
    std::string wrong = planned ? std::string() : as_text(planned.error());
    if (options_.reading == Reading::whole) {
        const std::string unknown = unknown_fields(item, asked);
        if (!unknown.empty()) wrong += (wrong.empty() ? "" : "; ") + unknown;
    }
    if (!wrong.empty()) plan.refused.push_back({index, name, std::move(wrong)});
}

void Planning::delete_removed() {
    std::unordered_set<std::string> seen;
    for (const Known& known : known_) {
        const Task& task = known.task;
        const bool is_first_of_name = task.kind == TaskKind::cron && seen.insert(task.name).second;
        if (known.is_matched) continue;
        if (options_.reading == Reading::partial) {
            // Runlater knows one task of a name, the oldest, and no one-time tasks; a key makes a task known by itself.
            if (task.kind != TaskKind::cron) continue;
            if (task.key.empty() && (!is_first_of_name || declared_names_.contains(task.name))) continue;
            if (declared_keys_.contains(task.key)) continue;
        } else if (task.kind == TaskKind::once && *task.scheduled_at < options_.now) {
            continue;  // it has had its time; its history stays
        }
        plan.tasks.push_back({PlannedTask::Action::remove, task.name, task});
    }
}

}  // namespace

Plan plan_tasks(const std::vector<json::Value>& declared, const std::vector<Task>& existing, const PublicIds& ids,
                const PlanOptions& options) {
    Planning planning(existing, ids, options);
    for (std::size_t i = 0; i < declared.size(); ++i) planning.declare(i, declared[i]);
    if (options.delete_removed) planning.delete_removed();
    return std::move(planning.plan);
}

const char* word(PlannedTask::Action action) {
    switch (action) {
        case PlannedTask::Action::create:
            return "create";
        case PlannedTask::Action::update:
            return "update";
        case PlannedTask::Action::unchanged:
            return "unchanged";
        case PlannedTask::Action::remove:
            return "delete";
    }
    return "";
}

}  // namespace punkt::tasks

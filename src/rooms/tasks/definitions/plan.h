// A declared list of tasks against those that exist: what has to be created, changed and deleted. Pure.
// Source: runlater-api.md §5, contract/README.md "Cron dialect".
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/definition_part.h"
#include "base/json.h"
#include "base/result.h"
#include "rooms/tasks/definitions/field_changes.h"
#include "rooms/tasks/task_rules.h"

namespace punkt::tasks {

/// Of one sync or import.
constexpr std::size_t declared_tasks_max = 10'000;
/// What an organization may have for its definitions to be compared.
constexpr int definitions_max = 100'000;

/// How a declared item speaks about a task that exists:
///   partial  what it leaves out stays as it is (sync)
///   whole    what it leaves out has its default, and fields that nobody knows are refused (import)
enum class Reading : std::uint8_t { partial, whole };

struct PlannedTask {
    using Action = api::DefinitionChange::Action;
    Action action = Action::unchanged;
    std::string name;
    std::optional<Task> before = std::nullopt;  // nothing: new
    std::optional<Task> after = std::nullopt;   // nothing: deleted. A new one has no id yet
    std::vector<FieldChange> changes = {};
};

struct RefusedItem {
    std::size_t index = 0;
    std::string name;
    std::string error;  // "field: message, message; field2: message"
    std::string type = "tasks";
};

/// An expression whose next ten runs are others in the other dialect.
struct Ambiguity {
    std::string name;
    std::string cron;
    CronDialect read_as = CronDialect::classic;
};

struct Plan {
    std::vector<PlannedTask> tasks;    // in the order of the declaration, then what is deleted
    std::vector<RefusedItem> refused;  // not empty: nothing shall be done
    std::vector<Ambiguity> ambiguous;
};

struct PlanOptions {
    Rules rules = {};
    Timestamp now{};
    /// Since when the engine holds a task: its next run is counted from there. Others are counted from `now`.
    std::unordered_map<Id, Timestamp> held = {};
    Reading reading = Reading::partial;
    /// whole: masks in place of secrets (secret_values.h) may stay, for nothing is called.
    bool may_lack_secrets = false;
    /// partial: cron tasks whose names are not declared. whole: everything that is not declared.
    bool delete_removed = false;
};

/// `existing`: store::list_definitions. An item belongs to the task that has its `key`; without one, to the cron task
/// of its name, the oldest if several have it. With `whole` the second item of a name belongs to the second task of it.
Plan plan_tasks(const std::vector<json::Value>& declared, const std::vector<Task>& existing, const PublicIds& ids,
                const PlanOptions& options);

const char* word(PlannedTask::Action);  // "create", "update", "unchanged", "delete"

}  // namespace punkt::tasks

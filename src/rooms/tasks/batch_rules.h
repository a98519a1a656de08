// From a request to many tasks. Source: runlater-api.md §3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/once.h"
#include "rooms/tasks/task_rules.h"

namespace punkt::tasks {

/// One item: its task, or what is wrong with it.
struct BatchItem {
    std::optional<Task> task = std::nullopt;
    std::optional<OnceRule> once = std::nullopt;
    std::optional<Error> wrong = std::nullopt;
};

struct Batch {
    /// `items`: many bodies for one target. `tasks`: whole tasks.
    bool has_one_target = false;
    bool is_partial = false;  // what is right is created beside what is wrong
    bool wants_ids = false;
    std::vector<BatchItem> items;  // as given; the tasks have no ids
};

/// Reads a batch. `fields` are those of the whole request, `shared` its body: what a task of `tasks` does not say, that
/// says for it, but for its time.
/// Errors, checked in this order: `invalid` with code invalid_params (400) for a list that is none, empty or too long,
/// and for a missing url or queue and a malformed url of `items`; with code invalid_delay and invalid_run_at (400);
/// with fields (422), named after the item ("tasks[3].url") unless the batch is partial.
Result<Batch> read_batch(api::FieldReader& fields, json::Value shared, const Rules& rules, Timestamp now);

}  // namespace punkt::tasks

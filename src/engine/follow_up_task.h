// What callbacks and notices have in common: a JSON document about an execution, posted and signed like a delivery.
#pragma once

#include <string>

#include "base/id.h"
#include "base/json.h"
#include "engine/follow_up.h"

namespace punkt::engine {

/// A task with a name and a purpose, and nothing else yet.
Task follow_up(const Finished& finished, Purpose purpose);

/// A task that posts `json` to `url`. Its x-runlater-task-id and x-runlater-execution-id are those of what caused it
/// (execution.md §8.1); punkt-task-id and punkt-execution-id stay its own. Retries and timeout are the caller's choice.
Task posted_json(const Finished& finished, const PublicIds& ids, Purpose purpose, std::string url, std::string json);

/// Members that every document about an execution has in this form: a number or null, a text or null, a time.
void write_status_code(json::Writer& writer, const Execution& execution);
void write_error_message(json::Writer& writer, const Execution& execution);

}  // namespace punkt::engine

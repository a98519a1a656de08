#include "engine/follow_up_task.h"

#include <fmt/format.h>

#include <utility>

namespace punkt::engine {

Task follow_up(const Finished& finished, Purpose purpose) {
    Task task;
    task.name = fmt::format("{}: {}", word(purpose), finished.task.name);
    if (task.name.size() > limits::name_bytes) task.name = word(purpose);
    task.purpose = purpose;
    return task;
}

Task posted_json(const Finished& finished, const PublicIds& ids, Purpose purpose, std::string url, std::string json) {
    Task task = follow_up(finished, purpose);
    task.url = std::move(url);
    task.headers = {{"content-type", "application/json"},
                    {"x-runlater-task-id", ids.uuid(IdKind::task, finished.task.id)},
                    {"x-runlater-execution-id", ids.uuid(IdKind::execution, finished.execution.id)}};
    task.body = std::move(json);
    return task;
}

void write_status_code(json::Writer& writer, const Execution& execution) {
    writer.key("status_code");
    execution.status_code ? writer.integer(*execution.status_code) : writer.null();
}

void write_error_message(json::Writer& writer, const Execution& execution) {
    writer.key("error_message");
    execution.error_message.empty() ? writer.null() : writer.string(execution.error_message);
}

}  // namespace punkt::engine

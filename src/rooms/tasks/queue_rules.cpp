#include "rooms/tasks/queue_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace punkt::tasks {

void check_queue_name(api::FieldReader& fields, const Task& task) {
    const bool is_clean = std::none_of(task.queue.begin(), task.queue.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!is_clean) fields.wrong("queue", "is invalid (the name has control characters)");
}

Result<void> enter_queue(Task& task, bool names_priority, const Rules& rules) {
    if (task.queue.empty() || rules.queues == nullptr) return {};
    const auto settings = rules.queues->find(rules.organization, task.queue);
    if (!settings) return {};
    if (settings->is_draining)
        return Error{
            ErrorKind::conflict,
            fmt::format("The queue \"{}\" is being drained and takes no new tasks until it is resumed", task.queue),
            "queue_draining"};
    if (!names_priority) task.priority = settings->priority;
    return {};
}

}  // namespace punkt::tasks

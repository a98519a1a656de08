#include "core/event.h"

#include "core/words.h"

namespace punkt {
namespace {

constexpr Words<EventType, 13> event_words{{{EventType::task_created, "task.created"},
                                            {EventType::task_updated, "task.updated"},
                                            {EventType::task_deleted, "task.deleted"},
                                            {EventType::execution_started, "execution.started"},
                                            {EventType::execution_succeeded, "execution.succeeded"},
                                            {EventType::execution_failed, "execution.failed"},
                                            {EventType::execution_timeout, "execution.timeout"},
                                            {EventType::execution_retry_scheduled, "execution.retry_scheduled"},
                                            {EventType::execution_missed, "execution.missed"},
                                            {EventType::execution_cancelled, "execution.cancelled"},
                                            {EventType::execution_expired, "execution.expired"},
                                            {EventType::queue_paused, "queue.paused"},
                                            {EventType::queue_resumed, "queue.resumed"}}};

}  // namespace

Happening about_task(EventType type, const Task& task) {
    return {.type = type,
            .organization = task.organization,
            .task = task.id,
            .is_system = task.purpose != Purpose::user,
            .queue = task.queue,
            .name = task.name,
            .details = &task};
}

const char* word(EventType type) { return event_words.word(type); }
std::string_view event_name(EventType type) {
    for (const auto& [known, name] : event_words.pairs)
        if (known == type) return name;
    return {};
}

EventType event_of(Status status) {
    switch (status) {
        case Status::success:
            return EventType::execution_succeeded;
        case Status::failed:
            return EventType::execution_failed;
        case Status::timeout:
            return EventType::execution_timeout;
        case Status::missed:
            return EventType::execution_missed;
        case Status::cancelled:
            return EventType::execution_cancelled;
        case Status::expired:
            return EventType::execution_expired;
        case Status::pending:
        case Status::running:
            break;
    }
    check_failed("only the end of an attempt is an event", std::source_location::current());
}

}  // namespace punkt

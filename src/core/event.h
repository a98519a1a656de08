// What happens to tasks, executions and queues, for those who want to know: the stream of events, event
// webhooks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "core/execution.h"
#include "core/task.h"

namespace punkt {

/// Stored as numbers: none may change.
enum class EventType : std::uint8_t {
    task_created = 1,
    task_updated = 2,
    task_deleted = 3,
    execution_started = 10,  // never kept: what is running is not written (decision 0007)
    execution_succeeded = 11,
    execution_failed = 12,
    execution_timeout = 13,
    execution_retry_scheduled = 14,
    execution_missed = 15,
    execution_cancelled = 16,
    execution_expired = 17,
    queue_paused = 20,
    queue_resumed = 21,
};

const char* word(EventType);  // "execution.retry_scheduled"
/// The same for a number that may be no type at all; then empty.
std::string_view event_name(EventType type);
/// What the end of an attempt is called. Only for statuses that end one.
EventType event_of(Status status);

/// Something that happened, as those who write it know it. The pointers are valid while it is told.
struct Happening {
    EventType type = EventType::task_created;
    Id organization = 0;
    Id task = 0;
    Id execution = 0;
    bool is_system = false;             // about a task that Punkt itself made
    std::string_view queue = {};        // empty: none
    std::string_view name = {};         // of the task
    const Task* details = nullptr;      // task.*: as it is now
    const Execution* record = nullptr;  // the end of an attempt; of retry_scheduled: the attempt that failed
    const Timer* timer = nullptr;       // started, retry_scheduled: the run that it is about
};

/// Of a task whose whole is at hand.
Happening about_task(EventType type, const Task& task);

}  // namespace punkt

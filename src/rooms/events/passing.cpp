#include "rooms/events/passing.h"

namespace punkt::events {

void PassingEvents::started(const Timer& run, const Task& task, int, Timestamp at) {
    if (!hub_.is_listened(run.organization)) return;
    Happening happening = about_task(EventType::execution_started, task);
    happening.details = nullptr;
    happening.execution = run.id;
    happening.timer = &run;
    Event event = event_from(happening, ids_.next(at), public_ids_);
    event.is_kept = false;
    hub_.publish({std::move(event)});
}

}  // namespace punkt::events

#include "engine/aftermath.h"

#include <memory>
#include <utility>

#include "core/arming.h"
#include "core/url.h"

namespace punkt::engine {
namespace {

std::string host_of(const Task& task) {
    auto url = parse_url(task.url);
    return url ? std::move(url->host) : std::string();
}

/// A one-time task's first run is mostly its only one.
bool is_only_run(const Timer& run, const Task& task) { return task.kind == TaskKind::once && run.first == task.id; }

}  // namespace

std::optional<bool> Aftermath::previous_lost(const Task& task) const {
    const auto found = lost_.find(task.id);
    return found == lost_.end() ? task.last_run_lost : found->second;
}

void Aftermath::add(store::Transition& transition, const Task& task, Timestamp now) {
    const Finished finished{.task = task,
                            .execution = *transition.record,
                            .is_final = transition.arm.empty(),
                            .previous_lost = previous_lost(task),
                            .now = now};
    if (finished.is_lost()) transition.dead_letter = {.host = host_of(task), .purpose = task.purpose};
    // A lost run that was the only one yet may be followed by one that somebody triggers.
    transition.is_compared = finished.is_lost() || finished.previous_lost || !is_only_run(transition.timer, task);
    if (finished.is_final && transition.is_compared) lost_[task.id] = finished.is_lost();
    if (rooms_ == nullptr || task.surface == Surface::system) return;
    rooms_->after(finished, wanted_);
    for (Task& wanted : wanted_) {
        wanted.id = ids_.next(now);
        wanted.organization = task.organization;
        wanted.surface = Surface::system;
        wanted.parent = finished.execution.id;
        wanted.scheduled_at = wanted.created_at = wanted.updated_at = now;
        const Timer timer = *first_timer(wanted);
        transition.follow_ups.push_back({timer, std::make_shared<const Task>(std::move(wanted))});
    }
    wanted_.clear();
}

}  // namespace punkt::engine

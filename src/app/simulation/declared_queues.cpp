#include "app/simulation/declared_queues.h"

#include <fmt/format.h>

#include <unordered_set>

#include "rooms/queues/queue_json.h"

namespace punkt::app {
namespace {

void set(engine::LaneSettings& lane, const QueueSettings& settings) {
    lane.concurrency = settings.concurrency;
    lane.rate = settings.rate;
    lane.on_failure = settings.on_failure;
}

}  // namespace

Result<SimulatedQueues> applied_queues(SimulatedQueues queues, json::Value document, bool prune) {
    const json::Value declared = document["queues"];
    if (!declared.exists()) return queues;
    std::unordered_set<std::string> names;
    for (const json::Value item : declared.elements()) {
        api::FieldReader fields(item);
        QueueSettings settings{.name = fields.string("name").value_or("")};
        if (settings.name.empty()) fields.wrong("name", "can't be blank");
        queues::read_change(fields)(settings);
        if (!fields.is_clean())
            return Error{ErrorKind::invalid, fmt::format("queue '{}': {}", settings.name, fields.error().message)};
        names.insert(settings.name);
        set(queues[settings.name], settings);
    }
    if (!prune) return queues;
    for (auto& [name, lane] : queues)
        if (!names.contains(name)) set(lane, {});
    return queues;
}

}  // namespace punkt::app

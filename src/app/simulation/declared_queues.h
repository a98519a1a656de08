// The queues of a definitions document, as a simulation takes them.
#pragma once

#include <string>
#include <unordered_map>

#include "base/json.h"
#include "base/result.h"
#include "engine/ports.h"

namespace punkt::app {

using SimulatedQueues = std::unordered_map<std::string, engine::LaneSettings>;

/// `queues` as they would be after `punkt apply` of `document`: a document without queues changes none, and whether one
/// is paused is in no file. Errors: `invalid`, naming the queue that is wrong.
Result<SimulatedQueues> applied_queues(SimulatedQueues queues, json::Value document, bool prune);

}  // namespace punkt::app

// Queues on the wire.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/field_reader.h"
#include "base/id.h"
#include "base/json.h"
#include "core/queue.h"
#include "store/queue_depth.h"

namespace punkt::queues {

constexpr int concurrency_max = 10'000;

/// What a request changes of a queue's settings: concurrency, rate (null removes it), priority, on_failure. What is
/// wrong is noted in `fields`.
std::function<void(QueueSettings&)> read_change(api::FieldReader& fields);

/// A queue and what is in it now.
struct QueueState {
    QueueSettings settings = {};
    store::Depth depth = {};  // without what is running
    bool depth_is_exact = true;
    std::size_t running = 0;
};

void write_queue(json::Writer& writer, const QueueState& state, const PublicIds& ids);

/// The part of an answer that every change has: name, paused, draining. Appended to an open object.
void write_state(json::Writer& writer, const QueueSettings& settings);

}  // namespace punkt::queues

// Why a run has not started yet: what each gate has to say about it, from the numbers the engine decides with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/function.h"
#include "core/execution.h"
#include "core/task.h"
#include "engine/admission.h"

namespace punkt::engine {

/// One gate; of key limits one for each key.
struct GateReport {
    Gate gate = Gate::paused;
    bool holds = false;
    std::string name = {};                          // the key or the host
    Slots slots = {};                               // gates that count
    std::optional<Timestamp> until = std::nullopt;  // when it opens, if that is known
    std::vector<Id> held_by = {};                   // executions: those that take its slots, or that go first
};

/// What the answer `predicted` rests on.
enum class Forecast : std::uint8_t {
    none,      // nobody can know: it is paused, or nothing is known about how long what is ahead takes
    exact,     // every gate that holds says when it opens
    estimate,  // what is ahead takes as long as such runs did lately
};
const char* word(Forecast);

struct Why {
    bool is_running = false;  // out, or its outcome is not on disk yet
    std::optional<Timestamp> started_at = std::nullopt;
    int deliveries = 0;
    std::vector<GateReport> gates = {};  // in the order of admission.h; empty when it is running
    int ahead = 0;                       // runs that its queue looks at before it
    Forecast forecast = Forecast::none;
    std::optional<Timestamp> predicted = std::nullopt;
};

/// Asks about a pending run of `task`.
struct WhyQuestion {
    Timer timer;
    TaskPtr task;
    UniqueFunction<void(Why)> done = {};
};

/// The reports of all gates, in order. `held_by` is left to the caller. Pure.
std::vector<GateReport> report(const Situation& situation);
/// Fills forecast and predicted from the gates. `each`: how long a run of its queue takes, if that is known; 0: not.
void predict(Why& why, Timestamp now, Milliseconds each);

}  // namespace punkt::engine

// A simulation's report for people.
#pragma once

#include <string>

#include "app/simulation/simulation.h"

namespace punkt::app {

/// Tables of tasks, queues, limits and the busiest minutes, a row of the load over time, and notes.
std::string report_text(const SimulationReport& report);

/// What is different: "~ digest: runs 5 → 10, first run … → …".
std::string difference_text(const SimulationReport& before, const SimulationReport& after);

/// The load over time as one row of at most `columns` characters from ▁ to █, each the busiest minute of its stretch of
/// time; a blank: nothing started.
std::string load_row(const SimulationReport& report, int columns);

}  // namespace punkt::app

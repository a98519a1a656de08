// A simulation's report as JSON: of `punkt simulate -o json` and of POST /api/v1/simulate.
#pragma once

#include "app/simulation/simulation.h"
#include "base/json.h"

namespace punkt::app {

/// {"now": report} and, with `after`, {"applied": report}.
void write_reports(json::Writer& writer, const SimulationReport& before, const SimulationReport* after);

}  // namespace punkt::app

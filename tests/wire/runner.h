// Runs a script against a house.
#pragma once

#include <string>
#include <vector>

#include "tests/wire/house.h"
#include "tests/wire/script.h"

namespace punkt::wire {

struct Outcome {
    std::string problem = {};              // empty: all as expected
    int line = 0;                          // of the step that was not
    std::vector<std::string> blocks = {};  // for rewritten(), complete only when approving
};

/// Step by step; stops at the first one that is not as expected, unless it approves: then every block is what would
/// have been right.
Outcome run_script(const Script& script, bool approve);

}  // namespace punkt::wire

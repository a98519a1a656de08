// What is wrong with this machine or this installation, each finding with what to do about it.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"

namespace punkt::app {

struct Finding {
    enum class Level { ok, warn, fail };
    Level level = Level::ok;
    std::string what;    // "free space"
    std::string detail;  // a sentence; for warn and fail with what to do
};

const char* word(Finding::Level level);

/// Everything but the server: data directory, free space, database, clock, time zones, certificates, limits.
/// Changes nothing (a file is made and removed in the data directory to see whether that works).
std::vector<Finding> examine_machine(const Config& config);

}  // namespace punkt::app

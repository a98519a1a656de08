// The key that the first start leaves in the data directory, so that the command line on this machine can work with it.
#pragma once

#include <string>

#include "base/result.h"

namespace punkt::app {

/// Readable by the owner only. Replaces an earlier one, in one step.
/// Errors: `internal` or `full` with path and reason; then an earlier one is unchanged.
Result<void> keep_first_key(const std::string& data_directory, const std::string& presented);

/// What was kept; empty when there is none or it cannot be read.
std::string saved_key(const std::string& data_directory);

std::string saved_key_path(const std::string& data_directory);

}  // namespace punkt::app

// The *.http files below tests/wire.
#pragma once

#include <string>
#include <vector>

#include "tests/wire/script.h"

namespace punkt::wire {

/// A file of the source tree, whole.
std::string read_source(const std::string& path);

/// Relative to the source folder, in order.
std::vector<std::string> script_paths();

/// Errors: those of parse_script.
Result<Script> load_script(const std::string& path);

}  // namespace punkt::wire

// Files of definitions, as the commands read them. Inside app only.
#pragma once

#include <string>

#include "base/result.h"

namespace punkt::app {

/// A file of YAML or JSON as JSON text; "-" is stdin. Errors: `invalid` when it cannot be read or is no YAML.
Result<std::string> read_definitions(const std::string& file);

}  // namespace punkt::app

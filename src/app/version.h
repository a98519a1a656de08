// What this binary is.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace punkt::app {

/// "0.1.0"
std::string_view punkt_version();
/// Name and version of the libraries that matter when something goes wrong, as they are at run time.
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace punkt::app

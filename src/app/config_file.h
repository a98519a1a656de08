// The configuration file as a flat list of names and texts. TOML stays behind this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace punkt::app {

struct FileValue {
    std::string name;   // dotted: "server.port"
    std::string value;  // arrays: elements joined by commas
    int line = 0;
};

/// Errors: `invalid` for text that is no TOML, with line and column, and for values that no setting can have (dates,
/// arrays of tables), with the line.
Result<std::vector<FileValue>> parse_config_file(std::string_view text);

/// The whole file. Errors: `invalid` when it cannot be read or is larger than `bytes_max`.
Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max);

}  // namespace punkt::app

// The installation's own settings: few rows, read at start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/connection.h"

namespace punkt::store {

Result<std::optional<std::string>> find_setting(db::Connection& connection, std::string_view key);
Result<void> set_setting(db::Connection& connection, std::string_view key, std::string_view value);

}  // namespace punkt::store

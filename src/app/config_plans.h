// Plans in the configuration: the tables [plans.<name>], whose names nobody knows beforehand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"

namespace punkt::app {

/// "plans.free.monitors"
bool is_plan_setting(std::string_view name);

/// Puts the value into the plan of that name, which is made when it is new. Errors: `invalid`, a sentence part that
/// follows the name.
Result<void> assign_plan(std::string_view name, const std::string& value, Config& config);

/// Errors: `invalid` when plans.default names a plan that is not there.
Result<void> check_plans(const Config& config);

/// "80,100" as numbers, each from 1 to 1000. Nothing for another text; an empty one is an empty list.
std::optional<std::vector<int>> notice_percents(std::string_view text);

/// The part of docs/reference/config.md.
std::string plans_reference();

}  // namespace punkt::app

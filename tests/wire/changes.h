// One request for each route that changes something, for what must hold of all of them.
#pragma once

#include <string>
#include <vector>

#include "tests/wire/house.h"

namespace punkt::wire {

struct Change {
    std::string route;  // "POST /api/v1/tasks", as the router's table has it
    std::string path;
    std::string body = {};
    std::string caller = "alice";
};

/// Settings of a house for which changes_of() makes its requests.
std::vector<std::pair<std::string, std::string>> settings_for_changes();

/// Each succeeds once, in this order; what it needs is made here. A new route needs its request here.
std::vector<Change> changes_of(House& house);

/// "PUT /api/v1/tasks/:id" of the router's routes that may change something.
std::vector<std::string> changing_routes(const House& house);

}  // namespace punkt::wire

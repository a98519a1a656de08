// The description of every route, made of docs/openapi when Punkt is built.
#pragma once

#include <string_view>

namespace punkt::app {

/// An OpenAPI 3.1 document in JSON.
std::string_view openapi();

}  // namespace punkt::app

#include "api/context.h"

#include <algorithm>

#include "base/check.h"

namespace punkt::api {
const std::string& Context::path_value(std::string_view name) const {
    const auto found = std::find_if(path.begin(), path.end(), [&](const auto& one) { return one.first == name; });
    check(found != path.end(), "the route has no such path parameter");
    return found->second;
}

std::optional<std::string> Context::query_value(std::string_view name) const {
    const auto found = std::find_if(query.rbegin(), query.rend(), [&](const auto& one) { return one.first == name; });
    if (found == query.rend()) return std::nullopt;
    return found->second;
}

FieldReader Context::fields(std::string_view wrapper) const {
    json::Value first = body ? body->root() : json::Value{};
    const json::Value second = query_json ? query_json->root() : json::Value{};
    if (!wrapper.empty() && first[wrapper].type() == json::Type::object) first = first[wrapper];
    return FieldReader(first, second);
}

}  // namespace punkt::api

// YAML in and out, as another spelling of JSON. yaml-cpp stays behind this.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace punkt::tasks {

/// Values that aliases may unfold to: a text of a few hundred bytes can stand for gigabytes.
constexpr std::size_t yaml_values_max = 1'000'000;

/// One YAML document as JSON text, JSON being YAML too. Plain scalars are read as YAML 1.2 does: `no` and `12:30` are
/// texts. Errors: `invalid` with line and column; for names given twice, names that are no scalars, .inf and .nan, and
/// for what is too deep (json::depth_max) or too large.
Result<std::string> json_from_yaml(std::string_view text);

/// Block style, members in their order; what would read back as another type is quoted.
std::string yaml_from_json(json::Value value);

/// The same as JSON for people and for diffs: two spaces, a member a line.
std::string indented_json(json::Value value);

}  // namespace punkt::tasks

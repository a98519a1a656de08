// What a task may demand of an answer beyond its status: text, a regular expression, values of its JSON, speed. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/http.h"
#include "core/task.h"

namespace punkt {

/// Why the answer to `task` is not what was expected, as execution.md §5.2 words it: "Assertion failed: …"; nothing
/// when it is. Status codes are judged elsewhere. Linear in the body. Threads: any.
std::optional<std::string> failed_assertion(const Task& task, const Answer& answer);

/// RE2 syntax: linear time, no back references, no look-around. Errors: `invalid` with RE2's reason.
Result<void> check_regex(std::string_view pattern);

/// "$", then ".name", "[0]" or "[\"any name\"]" as often as wanted, 32 steps at most.
/// Errors: `invalid` with what is wrong and where.
Result<void> check_json_path(std::string_view path);

}  // namespace punkt

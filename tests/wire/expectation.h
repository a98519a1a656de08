// Whether an answer is what a file expects, and what the file would have to say instead. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/wire/memory.h"

namespace punkt::wire {

/// A request or an answer as text: the first line, headers, body. Header names are lower case.
struct Message {
    std::string first;  // "POST /api/v1/tasks", "202"
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};

/// How bodies are compared.
struct Compare {
    bool contains = false;  // JSON: members that the file does not name may be there too
};

/// Empty when `actual` is what `expected` says, else a sentence about the first difference. Headers: each that the file
/// names must be there, with all its values in order; `{{absent}}`: must not be there. A body that is JSON on both
/// sides is compared by structure, order of members included (foreign wires fix it), other bodies as text. The body
/// `{{any}}` stands for everything.
std::string difference(const Message& expected, const Message& actual, Memory& memory, Compare compare);

/// The expected block that `actual` would match, with the placeholders of `expected` wherever they still fit. The
/// headers are those that `expected` names; for an empty one the telling ones.
Message approved(const Message& expected, const Message& actual, Memory& memory, Compare compare);

/// The block as lines of a file.
std::string text_of(const Message& message);

}  // namespace punkt::wire

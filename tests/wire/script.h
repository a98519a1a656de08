// A *.http file: what is asked, and what must be answered. README.md describes the format for those who write one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tests/wire/expectation.h"

namespace punkt::wire {

/// "# @key alice"
struct Directive {
    std::string name;
    std::string value;
    int line = 0;
};

struct Step {
    std::string title;
    std::vector<Directive> directives;
    Message asked;
    Message expected;       // empty: not known yet
    int line = 0;           // of the request, from 1
    int expected_from = 0;  // first line of the expected block, from 1
    int expected_to = 0;    // the line after its last

    /// The value of the last directive of that name; nothing when there is none.
    std::optional<std::string> directive(std::string_view name) const;
};

struct Script {
    std::string path;
    std::vector<std::string> lines;
    std::vector<Directive> directives;  // of the whole file
    std::vector<Step> steps;
};

/// Errors: `invalid` with file and line.
Result<Script> parse_script(const std::string& path, std::string_view text);

/// The file again, with other expected blocks; one for each step.
std::string rewritten(const Script& script, const std::vector<std::string>& blocks);

}  // namespace punkt::wire

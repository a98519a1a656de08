#include "core/assertion.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <variant>
#include <vector>

#include "base/json.h"

namespace punkt {
namespace {

constexpr std::int64_t regex_memory_bytes = 1 << 20;  // of one compiled pattern with its states
constexpr std::size_t path_steps_max = 32;
constexpr std::size_t shown_bytes = 100;  // of a value, in an error

RE2::Options regex_options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(regex_memory_bytes);
    return options;
}

using Step = std::variant<std::string, std::size_t>;  // a member's name, an element's place

Error wrong_path(std::string_view path, std::size_t at, std::string_view what) {
    return {ErrorKind::invalid, fmt::format("'{}': {} at character {}", path, what, at + 1)};
}

/// ".name": up to the next '.' or '['.
Result<std::size_t> read_name(std::string_view path, std::size_t at, std::vector<Step>& steps) {
    const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
    if (end == at) return wrong_path(path, at, "a name is missing");
    steps.emplace_back(std::string(path.substr(at, end - at)));
    return end;
}

/// What stands in brackets: a number, or a name in double quotes with the escapes of JSON.
Result<std::size_t> read_brackets(std::string_view path, std::size_t at, std::vector<Step>& steps) {
    if (at < path.size() && path[at] == '"') {
        std::size_t end = at + 1;
        while (end < path.size() && path[end] != '"') end += path[end] == '\\' ? 2 : 1;
        if (end + 1 >= path.size() || path[end + 1] != ']') return wrong_path(path, at, "\"] is missing");
        const auto name = json::Document::parse(path.substr(at, end + 1 - at));
        if (!name || !name->root().string()) return wrong_path(path, at, "this is no name in quotes");
        steps.emplace_back(std::string(*name->root().string()));
        return end + 2;
    }
    std::size_t place = 0;
    const auto [end, problem] = std::from_chars(path.data() + at, path.data() + path.size(), place);
    if (problem != std::errc{}) return wrong_path(path, at, "a number or a name in double quotes is missing");
    const auto next = static_cast<std::size_t>(end - path.data());
    if (next >= path.size() || path[next] != ']') return wrong_path(path, next, "] is missing");
    steps.emplace_back(place);
    return next + 1;
}

Result<std::vector<Step>> read_path(std::string_view path) {
    std::vector<Step> steps;
    if (!path.starts_with('$')) return wrong_path(path, 0, "a path begins with $");
    for (std::size_t at = 1; at < path.size();) {
        if (steps.size() == path_steps_max)
            return wrong_path(path, at, fmt::format("more than {} steps", path_steps_max));
        if (path[at] != '.' && path[at] != '[') return wrong_path(path, at, "neither . nor [");
        auto next = path[at] == '.' ? read_name(path, at + 1, steps) : read_brackets(path, at + 1, steps);
        if (!next) return next.error();
        at = *next;
    }
    return steps;
}

json::Value follow(json::Value value, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            value = value[*name];
            continue;
        }
        const auto elements = value.elements();
        const std::size_t place = std::get<std::size_t>(step);
        if (place >= elements.size()) return {};
        value = elements[place];
    }
    return value;
}

bool is_number(json::Type type) { return type == json::Type::integer || type == json::Type::real; }

/// As JSON values: 1 equals 1.0, the order of members does not matter.
bool equal(json::Value a, json::Value b) {
    if (is_number(a.type()) && is_number(b.type())) {
        if (a.type() == json::Type::integer && b.type() == json::Type::integer) return a.integer() == b.integer();
        return a.number() == b.number();
    }
    if (a.type() != b.type()) return false;
    if (a.type() == json::Type::array) {
        const auto left = a.elements();
        const auto right = b.elements();
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
    }
    if (a.type() == json::Type::object) {
        const auto members = a.members();
        return members.size() == b.members().size() &&
               std::all_of(members.begin(), members.end(),
                           [&](const auto& member) { return equal(member.second, b[member.first]); });
    }
    return a.text() == b.text();
}

std::string shown(json::Value value) {
    if (!value.exists()) return "absent";
    std::string text = value.text();
    if (text.size() <= shown_bytes) return text;
    text.resize(shown_bytes);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
    return text + "…";
}

std::optional<std::string> failed_json(const std::vector<JsonExpectation>& expectations, std::string_view body) {
    const auto document = json::Document::parse(body);
    if (!document) return "Assertion failed: response body is not JSON";
    for (const auto& [path, equals] : expectations) {
        const auto steps = read_path(path);
        const auto wanted = json::Document::parse(equals);
        if (!steps || !wanted) return fmt::format("Assertion failed: {} cannot be looked up", path);
        const json::Value found = follow(document->root(), *steps);
        if (!found.exists() || !equal(found, wanted->root()))
            return fmt::format("Assertion failed: {} is {}, not {}", path, shown(found), shown(wanted->root()));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> failed_assertion(const Task& task, const Answer& answer) {
    if (!task.expected_body_pattern.empty() && answer.body.find(task.expected_body_pattern) == std::string::npos)
        return fmt::format("Assertion failed: response body does not contain \"{}\"", task.expected_body_pattern);
    if (!task.expected_body_regex.empty()) {
        const RE2 regex(task.expected_body_regex, regex_options());
        if (!RE2::PartialMatch(answer.body, regex))
            return fmt::format("Assertion failed: response body does not match /{}/", task.expected_body_regex);
    }
    if (!task.expected_json.empty())
        if (auto failed = failed_json(task.expected_json, answer.body)) return failed;
    if (task.expected_latency_max) {
        const std::int64_t took_ms = answer.timings.total_us / 1000;
        if (took_ms > task.expected_latency_max->count())
            return fmt::format("Assertion failed: response took {} ms, more than {} ms", took_ms,
                               task.expected_latency_max->count());
    }
    return std::nullopt;
}

Result<void> check_regex(std::string_view pattern) {
    const RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), regex_options());
    if (regex.ok()) return {};
    return Error{ErrorKind::invalid, regex.error()};
}

Result<void> check_json_path(std::string_view path) {
    const auto steps = read_path(path);
    return steps ? Result<void>() : Result<void>(steps.error());
}

}  // namespace punkt

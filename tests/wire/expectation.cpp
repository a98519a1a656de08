#include "tests/wire/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/json.h"

namespace punkt::wire {
namespace {

constexpr std::string_view absent = "{{absent}}", any = "{{any}}";
constexpr std::size_t line_bytes_max = 110;

using json::Type;
using json::Value;

/// What a placeholder is compared with: strings by their content, other scalars by their JSON.
std::string scalar_text(Value value) {
    const auto text = value.string();
    return text ? std::string(*text) : value.text();
}

bool is_container(Value value) { return value.type() == Type::object || value.type() == Type::array; }

bool scalar_matches(Value expected, Value actual, Memory& memory) {
    if (is_container(actual)) return expected.string() == any;
    const auto pattern = expected.string();
    if (!pattern) return expected.type() == actual.type() && expected.text() == actual.text();
    // A number may hide behind "{{number}}", but "5" is not 5.
    if (actual.type() != Type::string && !is_placeholder(*pattern)) return false;
    if (actual.is_nothing() && *pattern != any) return false;
    return memory.matches(*pattern, scalar_text(actual));
}

class JsonComparison {
  public:
    JsonComparison(Memory& memory, Compare compare) : memory_(memory), compare_(compare) {}

    std::string difference(Value expected, Value actual, const std::string& path) {
        if (!is_container(expected) || expected.type() != actual.type()) {
            if (!is_container(expected) && scalar_matches(expected, actual, memory_)) return {};
            return fmt::format("{}: expected {}, got {}", path.empty() ? "body" : path, expected.text(), actual.text());
        }
        return expected.type() == Type::object ? of_objects(expected, actual, path) : of_arrays(expected, actual, path);
    }

  private:
    std::string of_objects(Value expected, Value actual, const std::string& path) {
        const auto wanted = expected.members(), got = actual.members();
        if (!compare_.contains && names(wanted) != names(got))
            return fmt::format("{}: expected the members {}, got {}", path.empty() ? "body" : path, names(wanted),
                               names(got));
        for (const auto& [name, value] : wanted)
            if (auto found = difference(value, actual[name], path + "." + std::string(name)); !found.empty())
                return found;
        return {};
    }
    std::string of_arrays(Value expected, Value actual, const std::string& path) {
        const auto wanted = expected.elements(), got = actual.elements();
        if (wanted.size() != got.size())
            return fmt::format("{}: expected {} elements, got {}", path.empty() ? "body" : path, wanted.size(),
                               got.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (auto found = difference(wanted[i], got[i], fmt::format("{}[{}]", path, i)); !found.empty())
                return found;
        return {};
    }
    static std::string names(const std::vector<std::pair<std::string_view, Value>>& members) {
        std::string all;
        for (const auto& [name, value] : members) all += (all.empty() ? "" : " ") + std::string(name);
        return all;
    }

    Memory& memory_;
    Compare compare_;
};

/// JSON for people: what fits a line stays on it.
std::string pretty(Value value, std::size_t indent) {
    if (!is_container(value) || value.text().size() + indent <= line_bytes_max) return value.text();
    const std::string inner(indent + 2, ' ');
    std::string out;
    if (value.type() == Type::array) {
        for (const Value element : value.elements())
            out += (out.empty() ? "[\n" : ",\n") + inner + pretty(element, indent + 2);
        return out + "\n" + std::string(indent, ' ') + "]";
    }
    for (const auto& [name, member] : value.members())
        out += (out.empty() ? "{\n" : ",\n") + inner + json::quoted(name) + ": " + pretty(member, indent + 2);
    return out + "\n" + std::string(indent, ' ') + "}";
}

class JsonApproval {
  public:
    JsonApproval(Memory& memory, Compare compare) : memory_(memory), compare_(compare) {}

    void write(json::Writer& writer, Value expected, Value actual) {
        if (actual.type() == Type::object) {
            if (expected.string() == any) return static_cast<void>(writer.string(any));
            writer.begin_object();
            for (const auto& [name, value] : actual.members())
                if (!compare_.contains || expected.is_nothing() || expected[name].exists())
                    write(writer.key(name), expected[name], value);
            writer.end_object();
        } else if (actual.type() == Type::array) {
            if (expected.string() == any) return static_cast<void>(writer.string(any));
            const auto wanted = expected.elements(), got = actual.elements();
            writer.begin_array();
            for (std::size_t i = 0; i < got.size(); ++i) write(writer, i < wanted.size() ? wanted[i] : Value{}, got[i]);
            writer.end_array();
        } else if (expected.exists() && scalar_matches(expected, actual, memory_)) {
            expected.write_to(writer);
        } else if (const auto text = actual.string()) {
            writer.string(memory_.drafted(*text));
        } else {
            actual.write_to(writer);
        }
    }

  private:
    Memory& memory_;
    Compare compare_;
};

std::vector<std::string> values_of(const Message& message, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [each, value] : message.headers)
        if (each == name) values.push_back(value);
    return values;
}

std::string header_difference(const Message& expected, const Message& actual, Memory& memory) {
    for (const auto& [name, value] : expected.headers) {
        const auto got = values_of(actual, name);
        if (value == absent) {
            if (!got.empty()) return fmt::format("header {}: expected none, got \"{}\"", name, got.front());
            continue;
        }
        const auto wanted = values_of(expected, name);
        if (got.size() != wanted.size())
            return fmt::format("header {}: expected {} of them, got {}", name, wanted.size(), got.size());
        for (std::size_t i = 0; i < got.size(); ++i)
            if (!memory.matches(wanted[i], got[i]))
                return fmt::format("header {}: expected \"{}\", got \"{}\"", name, wanted[i], got[i]);
    }
    return {};
}

std::string body_difference(const std::string& expected, const std::string& actual, Memory& memory, Compare compare) {
    if (expected == any) return {};
    const auto wanted = json::Document::parse(expected);
    const auto got = json::Document::parse(actual);
    if (wanted && got && is_container(wanted->root()))
        return JsonComparison(memory, compare).difference(wanted->root(), got->root(), "");
    if (compare.contains && !expected.empty() && actual.find(expected) != std::string::npos) return {};
    // An editor ends a file with a newline; so the last one of an answer does not count.
    const std::string_view body =
        actual.ends_with('\n') ? std::string_view(actual).substr(0, actual.size() - 1) : actual;
    if (memory.matches(expected, body)) return {};
    return fmt::format("body: expected\n{}\ngot\n{}", expected, actual);
}

std::string approved_body(const std::string& expected, const std::string& actual, Memory& memory, Compare compare) {
    if (body_difference(expected, actual, memory, compare).empty()) return expected;
    const auto got = json::Document::parse(actual);
    if (!got || !is_container(got->root()))
        return memory.drafted(actual.ends_with('\n') ? std::string_view(actual).substr(0, actual.size() - 1) : actual);
    const auto wanted = json::Document::parse(expected);
    json::Writer writer;
    JsonApproval(memory, compare).write(writer, wanted ? wanted->root() : Value{}, got->root());
    return pretty(json::Document::parse(writer.text())->root(), 0);
}

}  // namespace

std::string difference(const Message& expected, const Message& actual, Memory& memory, Compare compare) {
    if (!memory.matches(expected.first, actual.first))
        return fmt::format("expected {}, got {}", expected.first.empty() ? "no answer" : expected.first, actual.first);
    if (auto found = header_difference(expected, actual, memory); !found.empty()) return found;
    return body_difference(expected.body, actual.body, memory, compare);
}

Message approved(const Message& expected, const Message& actual, Memory& memory, Compare compare) {
    const bool is_new = expected.first.empty();
    Message block{.first =
                      memory.matches(expected.first, actual.first) ? expected.first : memory.drafted(actual.first)};
    for (const char* telling : {"content-type", "allow", "retry-after", "location"})
        if (is_new)
            for (const auto& value : values_of(actual, telling))
                block.headers.emplace_back(telling, memory.drafted(value));
    std::string done;
    for (const auto& [name, value] : expected.headers) {
        if (name == done) continue;
        done = name;
        const auto wanted = values_of(expected, name), got = values_of(actual, name);
        if (got.empty()) block.headers.emplace_back(name, absent);
        for (std::size_t i = 0; i < got.size(); ++i) {
            const bool fits = i < wanted.size() && memory.matches(wanted[i], got[i]);
            block.headers.emplace_back(name, fits ? wanted[i] : memory.drafted(got[i]));
        }
    }
    block.body = approved_body(expected.body, actual.body, memory, compare);
    return block;
}

std::string text_of(const Message& message) {
    std::string text = "=== " + message.first + "\n";
    for (const auto& [name, value] : message.headers) text += fmt::format("{}: {}\n", name, value);
    if (!message.body.empty()) text += "\n" + message.body + "\n";
    return text;
}

}  // namespace punkt::wire

#include "rooms/tasks/definitions/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

namespace punkt::tasks {
namespace {

/// What a plain scalar means in YAML 1.2's core schema; numbers only where JSON can spell them.
enum class Meaning { text, null, boolean, number, no_number };

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Meaning meaning_of(std::string_view text) {
    for (const std::string_view word : {"", "~", "null", "Null", "NULL"})
        if (text == word) return Meaning::null;
    for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"})
        if (text == word) return Meaning::boolean;
    for (const std::string_view word : {".inf", "-.inf", "+.inf", ".nan"})
        if (text == word) return Meaning::no_number;
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return Meaning::text;
    // "007" is a name for somebody, no number of JSON's.
    if (digits.size() > 1 && digits.front() == '0' && is_digits(digits.substr(1))) return Meaning::text;
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return Meaning::text;
    return json::Document::parse(fmt::format("[{}]", text)) ? Meaning::number : Meaning::text;
}

class Reading {
  public:
    Result<std::string> read(std::string_view text) {
        try {
            const YAML::Node root = YAML::Load(std::string(text));
            write(root, 0);
        } catch (const YAML::Exception& error) {
            return Error{ErrorKind::invalid, fmt::format("malformed YAML: {}", error.what()), "malformed"};
        }
        if (!wrong_.empty()) return Error{ErrorKind::invalid, "malformed YAML: " + wrong_, "malformed"};
        return writer_.take();
    }

  private:
    void refuse(const YAML::Node& node, const std::string& why) {
        if (wrong_.empty()) wrong_ = fmt::format("line {}: {}", node.Mark().line + 1, why);
    }

    void write(const YAML::Node& node, std::size_t depth) {
        if (depth > json::depth_max) refuse(node, fmt::format("nested deeper than {} levels", json::depth_max));
        if (++values_ > yaml_values_max) refuse(node, fmt::format("more than {} values", yaml_values_max));
        if (!wrong_.empty()) return;
        if (node.IsMap())
            write_map(node, depth);
        else if (node.IsSequence())
            write_list(node, depth);
        else
            write_scalar(node);
    }

    void write_list(const YAML::Node& node, std::size_t depth) {
        writer_.begin_array();
        for (const auto& element : node) write(element, depth + 1);
        writer_.end_array();
    }

    void write_map(const YAML::Node& node, std::size_t depth) {
        std::unordered_set<std::string> names;
        writer_.begin_object();
        for (const auto& member : node) {
            if (!member.first.IsScalar()) return refuse(node, "a name must be a text");
            const std::string& name = member.first.Scalar();
            if (!names.insert(name).second) return refuse(member.first, fmt::format("'{}' is given twice", name));
            writer_.key(name);
            write(member.second, depth + 1);
            if (!wrong_.empty()) return;
        }
        writer_.end_object();
    }

    void write_scalar(const YAML::Node& node) {
        if (!node.IsScalar()) {
            writer_.null();
            return;
        }
        const std::string& text = node.Scalar();
        const bool is_plain = node.Tag() == "?" || node.Tag().empty();
        switch (is_plain ? meaning_of(text) : Meaning::text) {
            case Meaning::text:
                writer_.string(text);
                return;
            case Meaning::null:
                writer_.null();
                return;
            case Meaning::boolean:
                writer_.boolean(text.front() == 't' || text.front() == 'T');
                return;
            case Meaning::number:
                writer_.raw(text);
                return;
            case Meaning::no_number:
                return refuse(node, fmt::format("{} is no number here", text));
        }
    }

    json::Writer writer_;
    std::size_t values_ = 0;
    std::string wrong_;
};

/// Texts that a reader of YAML 1.1 would take for something else are quoted as well.
bool needs_quotes(std::string_view text) {
    if (meaning_of(text) != Meaning::text || text.find_first_of("\n\r\t") != std::string_view::npos) return true;
    for (const std::string_view word :
         {"y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "=", "<<"})
        if (text == word) return true;
    return (text.front() >= '0' && text.front() <= '9') || text.front() == '.' || text.front() == '+';
}

void emit_text(YAML::Emitter& out, std::string_view text) {
    if (needs_quotes(text)) out << YAML::DoubleQuoted;
    out << std::string(text);
}

void emit(YAML::Emitter& out, json::Value value) {
    switch (value.type()) {
        case json::Type::object:
            if (value.members().empty()) out << YAML::Flow;
            out << YAML::BeginMap;
            for (const auto& [name, member] : value.members()) {
                out << YAML::Key;
                emit_text(out, name);
                out << YAML::Value;
                emit(out, member);
            }
            out << YAML::EndMap;
            return;
        case json::Type::array:
            if (value.elements().empty()) out << YAML::Flow;
            out << YAML::BeginSeq;
            for (const json::Value& element : value.elements()) emit(out, element);
            out << YAML::EndSeq;
            return;
        case json::Type::string:
            return emit_text(out, *value.string());
        case json::Type::boolean:
            out << *value.boolean();
            return;
        case json::Type::integer:
        case json::Type::real:
            out << value.text();
            return;
        case json::Type::absent:
        case json::Type::null:
            out << YAML::Null;
    }
}

void indent(std::string& out, json::Value value, const std::string& margin) {
    const bool is_object = value.type() == json::Type::object;
    const auto members = value.members();
    const auto elements = value.elements();
    if (members.empty() && elements.empty()) {
        out += value.text();
        return;
    }
    const std::string inner = margin + "  ";
    bool is_first = true;
    const auto begin_line = [&] {
        out += is_first ? "\n" : ",\n";
        out += inner;
        is_first = false;
    };
    out += is_object ? '{' : '[';
    for (const auto& [name, member] : members) {
        begin_line();
        out += json::quoted(name) + ": ";
        indent(out, member, inner);
    }
    for (const json::Value& element : elements) {
        begin_line();
        indent(out, element, inner);
    }
    out += "\n" + margin + (is_object ? '}' : ']');
}

}  // namespace

Result<std::string> json_from_yaml(std::string_view text) { return Reading().read(text); }

std::string yaml_from_json(json::Value value) {
    YAML::Emitter out;
    emit(out, value);
    return std::string(out.c_str()) + "\n";
}

std::string indented_json(json::Value value) {
    std::string out;
    indent(out, value, "");
    return out + "\n";
}

}  // namespace punkt::tasks

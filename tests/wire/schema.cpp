#include "tests/wire/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/id.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace punkt::wire {
namespace {

bool is_of_type(std::string_view type, json::Value value) {
    switch (value.type()) {
        case json::Type::null:
            return type == "null";
        case json::Type::boolean:
            return type == "boolean";
        case json::Type::integer:
            return type == "integer" || type == "number";
        case json::Type::real:
            return type == "number";
        case json::Type::string:
            return type == "string";
        case json::Type::array:
            return type == "array";
        case json::Type::object:
            return type == "object";
        case json::Type::absent:
            return false;
    }
    return false;
}

bool is_any_type(json::Value types, json::Value value) {
    if (const auto one = types.string()) return is_of_type(*one, value);
    const auto all = types.elements();
    return std::any_of(all.begin(), all.end(),
                       [&](json::Value each) { return is_of_type(each.string().value_or(""), value); });
}

bool has_format(std::string_view format, std::string_view text) {
    if (format == "uuid") return looks_like_uuid(text);
    if (format == "date-time") return parse_rfc3339(text).has_value();
    return true;
}

std::string inner(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// Keywords that say nothing about a value, and those that another keyword looks at.
constexpr std::array<std::string_view, 9> silent{"description", "default",  "example",
                                                 "examples",    "title",    "deprecated",
                                                 "properties",  "required", "additionalProperties"};

}  // namespace

struct Schemas::Place {
    std::string path;
    Members members = Members::open;
    std::vector<std::string>* found = nullptr;

    void say(const std::string& what) const {
        found->push_back(fmt::format("{}: {}", path.empty() ? "the body" : path, what));
    }
    Place at(std::string_view name) const { return {inner(path, name), members, found}; }
};

json::Value Schemas::resolved(json::Value value) const {
    const auto reference = value["$ref"].string();
    if (!reference) return value;
    if (!reference->starts_with("#/")) return {};
    json::Value found = root_;
    std::string_view rest = reference->substr(2);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('/'), rest.size());
        found = found[rest.substr(0, end)];
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return found;
}

std::vector<std::string> Schemas::mismatches(json::Value schema, json::Value value, Members members) const {
    std::vector<std::string> found;
    check(schema, value, {.path = "", .members = members, .found = &found});
    return found;
}

std::optional<std::set<std::string>> Schemas::members_of(json::Value schema) const {
    schema = resolved(schema);
    std::set<std::string> names;
    bool names_any = schema["properties"].exists();
    if (schema["additionalProperties"].exists() && schema["additionalProperties"].boolean() != false)
        return std::nullopt;
    for (const auto& [name, ignored] : schema["properties"].members()) names.emplace(name);
    for (const char* list : {"allOf", "anyOf", "oneOf"}) {
        for (const json::Value part : schema[list].elements()) {
            if (resolved(part)["type"].string() == "null") continue;
            auto of_part = members_of(part);
            if (!of_part) return std::nullopt;
            names_any = true;
            names.merge(*of_part);
        }
    }
    return names_any ? std::optional(names) : std::nullopt;
}

void Schemas::check(json::Value schema, json::Value value, const Place& place) const {
    const json::Value real = resolved(schema);
    if (!real.exists()) return place.say(fmt::format("the schema {} leads nowhere", schema.text()));
    for (const auto& [keyword, rule] : real.members()) {
        if (keyword == "$ref" || std::find(silent.begin(), silent.end(), keyword) != silent.end()) continue;
        check_keyword(keyword, rule, value, place);
    }
    if (value.type() == json::Type::object) check_members(real, value, place);
}

void Schemas::check_keyword(std::string_view keyword, json::Value rule, json::Value value, const Place& place) const {
    const auto fails = [&](bool is_wrong, std::string_view what) {
        if (is_wrong) place.say(fmt::format("{} {}: {}", what, rule.text(), value.text()));
    };
    const auto text = value.string();
    const auto number = value.number();
    const auto length = text ? characters(*text) : 0;
    if (keyword == "type") {
        fails(!is_any_type(rule, value), "is not of type");
    } else if (keyword == "enum") {
        const auto all = rule.elements();
        const bool is_one = std::any_of(all.begin(), all.end(), [&](auto each) { return each.text() == value.text(); });
        fails(!is_one, "is none of");
    } else if (keyword == "const") {
        fails(rule.text() != value.text(), "is not");
    } else if (keyword == "format") {
        fails(text && !has_format(rule.string().value_or(""), *text), "is no");
    } else if (keyword == "minimum") {
        fails(number && *number < rule.number().value_or(0), "is less than");
    } else if (keyword == "maximum") {
        fails(number && *number > rule.number().value_or(0), "is more than");
    } else if (keyword == "minLength") {
        fails(text && length < static_cast<std::size_t>(rule.integer().value_or(0)), "is shorter than");
    } else if (keyword == "maxLength") {
        fails(text && length > static_cast<std::size_t>(rule.integer().value_or(0)), "is longer than");
    } else if (keyword == "minItems") {
        fails(value.type() == json::Type::array &&
                  value.elements().size() < static_cast<std::size_t>(rule.integer().value_or(0)),
              "has fewer elements than");
    } else if (keyword == "maxItems") {
        fails(value.elements().size() > static_cast<std::size_t>(rule.integer().value_or(0)), "has more elements than");
    } else if (keyword == "items") {
        const auto all = value.elements();
        for (std::size_t i = 0; i < all.size(); ++i) check(rule, all[i], place.at(fmt::format("{}", i)));
    } else if (keyword == "allOf") {
        // Each part alone knows only some of the members.
        Place part = place;
        part.members = Members::open;
        for (const json::Value each : rule.elements()) check(each, value, part);
    } else if (keyword == "anyOf" || keyword == "oneOf") {
        check_one_of(rule, value, place, keyword == "oneOf");
    } else {
        place.say(fmt::format("the schema has the keyword {}, which tests/wire/schema.cpp does not know", keyword));
    }
}

void Schemas::check_one_of(json::Value rule, json::Value value, const Place& place, bool exactly_one) const {
    std::vector<std::string> reasons;
    std::size_t fitting = 0;
    for (const json::Value each : rule.elements()) {
        std::vector<std::string> found;
        check(each, value, {place.path, place.members, &found});
        fitting += found.empty() ? 1 : 0;
        reasons.insert(reasons.end(), found.begin(), found.end());
    }
    if (fitting == 1 || (fitting > 1 && !exactly_one)) return;
    if (fitting > 1) return place.say("fits several of the schemas of which it must fit one");
    place.found->insert(place.found->end(), reasons.begin(), reasons.end());
}

void Schemas::check_members(json::Value schema, json::Value value, const Place& place) const {
    for (const json::Value name : schema["required"].elements())
        if (!value[name.string().value_or("")].exists()) place.say(fmt::format("lacks {}", name.string().value_or("")));
    const json::Value additional = schema["additionalProperties"];
    for (const auto& [name, member] : value.members()) {
        const json::Value rule = schema["properties"][name];
        if (rule.exists())
            check(rule, member, place.at(name));
        else if (additional.type() == json::Type::object)
            check(additional, member, place.at(name));
        else if (additional.boolean() == false)
            place.say(fmt::format("has {}, which is not described", name));
    }
    if (place.members == Members::open) return;
    const auto known = members_of(schema);
    for (const auto& [name, ignored] : value.members())
        if (known && !known->contains(std::string(name)))
            place.say(fmt::format("has {}, which is not described", name));
}

}  // namespace punkt::wire

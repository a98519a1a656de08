#include "api/definition_part.h"

#include <fmt/format.h>

#include "base/check.h"

namespace punkt::api {

std::vector<DefinitionChange::Field> changed_fields(std::string_view from, std::string_view to) {
    const auto before = json::Document::parse(from), after = json::Document::parse(to);
    check(before && after, "what Punkt wrote itself is JSON");
    std::vector<DefinitionChange::Field> fields;
    for (const auto& [name, value] : after->root().members()) {
        const std::string was = before->root()[name].text();
        if (was != value.text()) fields.push_back({std::string(name), was, value.text()});
    }
    return fields;
}

std::string wrong_fields(json::Value item, const FieldReader& fields, const std::unordered_set<std::string>& asked,
                         std::string_view what) {
    std::string text;
    const auto add = [&text](std::string_view field, std::string_view message) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", field, message);
    };
    for (const FieldError& error : fields.errors()) add(error.field, error.message);
    for (const auto& [name, value] : item.members()) {
        if (asked.contains(std::string(name))) continue;
        if (name.find("secret") != std::string_view::npos)
            add(name, "is a secret, and no file holds those; take it out: every organization has its own");
        else
            add(name, fmt::format("is no field of {}", what));
    }
    return text;
}

}  // namespace punkt::api

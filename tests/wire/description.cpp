#include "tests/wire/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/openapi.h"
#include "base/check.h"
#include "tests/wire/house.h"

namespace punkt::wire {
namespace {

constexpr std::array<std::string_view, 8> methods{"get", "put", "post", "delete", "patch", "head", "options", "trace"};

std::string upper(std::string_view text) {
    std::string made(text);
    std::transform(made.begin(), made.end(), made.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
    return made;
}

json::Document parsed(std::string_view text) {
    auto document = json::Document::parse(text);
    check(document.has_value(), "the description of the API is JSON");
    return std::move(*document);
}

/// "application/json; charset=utf-8" → "application/json"
std::string media_type(const std::string& content_type) { return content_type.substr(0, content_type.find(';')); }

/// Of the router itself, for a route that is switched off or a request that is none.
bool is_of_router(const Message& answer) {
    const bool is_no_route = answer.first == "404" && answer.body.find("\"Cannot ") != std::string::npos;
    return is_no_route || answer.first == "405" || answer.first == "408" || answer.first == "431";
}

}  // namespace

std::string route_pattern(std::string_view pattern) {
    std::string made;
    for (const char c : pattern)
        if (c == '{')
            made += ':';
        else if (c != '}')
            made += c;
    return made;
}

const Description& Description::of_this_build() {
    static const Description description(app::openapi());
    return description;
}

Description::Description(std::string_view text) : document_(parsed(text)), schemas_(document_.root()) {
    for (const auto& [pattern, item] : root()["paths"].members()) {
        for (const auto& [method, value] : item.members()) {
            if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
            const bool is_any = value["x-any-method"].boolean() == true;
            Operation operation{is_any ? "*" : upper(method), std::string(pattern), value, {}};
            for (const json::Value list : {item["parameters"], value["parameters"]})
                for (const json::Value each : list.elements()) operation.parameters.push_back(schemas_.resolved(each));
            table_.add(operation.method, route_pattern(pattern), operations_.size());
            operations_.push_back(std::move(operation));
        }
    }
}

const Operation* Description::find(std::string_view method, std::string_view path) const {
    const auto found = table_.find(method == "HEAD" ? "GET" : method, path);
    return found.route ? &operations_[*found.route] : nullptr;
}

const Operation* Description::find(std::string_view operation_id) const {
    const auto found = std::find_if(operations_.begin(), operations_.end(),
                                    [&](const Operation& each) { return each.id() == operation_id; });
    return found == operations_.end() ? nullptr : &*found;
}

std::vector<std::string> Description::mismatches(const Message& asked, const Message& answer) const {
    const auto blank = asked.first.find(' ');
    const std::string method = asked.first.substr(0, blank), target = asked.first.substr(blank + 1);
    const Operation* operation = find(method, target.substr(0, target.find('?')));
    // `_method` in a body makes another operation of it.
    const bool is_disguised = method == "POST" && asked.body.find("_method") != std::string::npos;
    if (operation == nullptr || is_disguised || is_of_router(answer)) return {};
    auto all = wrong_answer(*operation, answer);
    if (answer.first.starts_with("2"))
        for (auto& each : wrong_request(*operation, asked)) all.push_back(std::move(each));
    for (std::string& each : all)
        each = fmt::format("{} ({}, status {}) is not as docs/openapi says: {}", operation->id(),
                           operation->method + " " + operation->pattern, answer.first, each);
    return all;
}

std::vector<std::string> Description::wrong_answer(const Operation& operation, const Message& answer) const {
    const json::Value response = schemas_.resolved(operation.value["responses"][answer.first]);
    if (!response.exists()) return {"the status is not described"};
    if (answer.body.empty()) return {};
    const std::string type = media_type(header(answer, "content-type"));
    const json::Value media = response["content"][type];
    if (!media.exists()) return {fmt::format("the type {} is not described", type)};
    if (type != "application/json") return {};
    const auto body = json::Document::parse(answer.body);
    if (!body) return {"the body is no JSON"};
    return schemas_.mismatches(media["schema"], body->root(), Members::closed);
}

std::vector<std::string> Description::wrong_request(const Operation& operation, const Message& asked) const {
    std::vector<std::string> found;
    const auto question = asked.first.find('?');
    for (std::size_t from = question; from != std::string::npos; from = asked.first.find('&', from)) {
        ++from;
        const auto end = asked.first.find_first_of("=&", from);
        const std::string name = asked.first.substr(from, end == std::string::npos ? end : end - from);
        const bool is_known = std::any_of(
            operation.parameters.begin(), operation.parameters.end(),
            [&](json::Value each) { return each["in"].string() == "query" && each["name"].string() == name; });
        // Every parameter may come in the query, those of the body too.
        if (!is_known && !operation.value["requestBody"].exists())
            found.push_back(fmt::format("the query parameter {} is not described", name));
    }
    const auto body = json::Document::parse(asked.body);
    const json::Value media = schemas_.resolved(operation.value["requestBody"])["content"]["application/json"];
    if (!body || body->root().type() != json::Type::object) return found;
    if (!media.exists()) return found;
    const auto known = schemas_.members_of(media["schema"]);
    for (const auto& [name, ignored] : body->root().members())
        if (known && !known->contains(std::string(name)))
            found.push_back(fmt::format("the request has {}, which is not described", name));
    return found;
}

}  // namespace punkt::wire

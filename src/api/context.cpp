#include "api/context.h"

#include <algorithm>
#include <map>

#include "base/check.h"

namespace punkt::api {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// A parameter tree of depth two: enough for "task[url]=…".
using Group = std::map<std::string, std::string>;

}  // namespace

const std::string& Context::path_value(std::string_view name) const {
    const auto found = std::find_if(path.begin(), path.end(), [&](const auto& one) { return one.first == name; });
    check(found != path.end(), "the route has no such path parameter");
    return found->second;
}

std::optional<std::string> Context::query_value(std::string_view name) const {
    const auto found = std::find_if(query.rbegin(), query.rend(), [&](const auto& one) { return one.first == name; });
    if (found == query.rend()) return std::nullopt;
    return found->second;
}

FieldReader Context::fields(std::string_view wrapper) const {
    json::Value first = body ? body->root() : json::Value{};
    const json::Value second = query_json ? query_json->root() : json::Value{};
    if (!wrapper.empty() && first[wrapper].type() == json::Type::object) first = first[wrapper];
    return FieldReader(first, second);
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

Parameters parse_query(std::string_view query) {
    Parameters out;
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        const std::string_view name = part.substr(0, equals);
        const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
        out.emplace_back(percent_decoded(name, true).value_or(std::string(name)),
                         percent_decoded(value, true).value_or(std::string(value)));
    }
    return out;
}

std::string query_as_json(const Parameters& parameters) {
    Group plain;
    std::map<std::string, Group> nested;
    for (const auto& [name, value] : parameters) {
        const auto open = name.find('[');
        if (open != std::string::npos && open > 0 && name.back() == ']')
            nested[name.substr(0, open)][name.substr(open + 1, name.size() - open - 2)] = value;
        else
            plain[name] = value;
    }
    json::Writer writer;
    writer.begin_object();
    for (const auto& [name, value] : plain)
        if (!nested.contains(name)) writer.key(name).string(value);
    for (const auto& [name, group] : nested) {
        writer.key(name).begin_object();
        for (const auto& [inner, value] : group) writer.key(inner).string(value);
        writer.end_object();
    }
    writer.end_object();
    return writer.take();
}

}  // namespace punkt::api

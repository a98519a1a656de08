#include "api/request_body.h"

#include <algorithm>

#include "api/form.h"
#include "api/problem.h"

namespace punkt::api {
namespace {

Error malformed(std::string why) { return {ErrorKind::invalid, std::move(why), std::string(code_malformed)}; }

/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(const net::HttpRequest& request) {
    const std::string_view whole = request.header("content-type").value_or("");
    std::string type(whole.substr(0, whole.find_first_of("; \t")));
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return type;
}

bool begins_with_brace(std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '{';
}

Result<json::Document> parse_form(const Result<std::string>& as_json) {
    if (!as_json) return as_json.error();
    auto parsed = json::Document::parse(*as_json);
    return parsed ? std::move(parsed) : malformed(parsed.error().message);
}

Result<json::Document> parse_json(std::string_view body) {
    auto parsed = json::Document::parse(body);
    if (!parsed) return malformed(parsed.error().message);
    if (parsed->root().type() != json::Type::object) return malformed("the body must be a JSON object");
    return parsed;
}

Result<json::Document> parse(const net::HttpRequest& request) {
    const std::string type = media_type(request);
    if (type == "multipart/form-data")
        return parse_form(multipart_to_json(*request.header("content-type"), request.body));
    if (type == "application/x-www-form-urlencoded" && !begins_with_brace(request.body))
        return parse_form(form_to_json(request.body));
    return parse_json(request.body);
}

}  // namespace

Result<void> read_query(Context& context) {
    if (context.request.query.empty()) return {};
    auto fields = form_fields(context.request.query);
    if (!fields) return fields.error();
    context.query = std::move(*fields);
    auto parsed = parse_form(form_to_json(context.query));
    if (!parsed) return parsed.error();
    context.query_json = std::move(*parsed);
    return {};
}

Result<void> read_body(Context& context) {
    if (context.request.body.empty()) return {};
    auto parsed = parse(context.request);
    if (!parsed) return parsed.error();
    context.body = std::move(*parsed);
    return {};
}

}  // namespace punkt::api

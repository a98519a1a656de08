#include "api/problem.h"

#include <algorithm>

#include "base/json.h"

namespace punkt::api {
namespace {

struct Shape {
    int status;
    const char* code;
};

Shape shape(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return {400, "bad_request"};
        case ErrorKind::unauthorized:
            return {401, "unauthorized"};
        case ErrorKind::forbidden:
            return {403, "forbidden"};
        case ErrorKind::not_found:
            return {404, "not_found"};
        case ErrorKind::conflict:
            return {409, "conflict"};
        case ErrorKind::gone:
            return {410, "gone"};
        case ErrorKind::too_large:
            return {413, "too_large"};
        case ErrorKind::limited:
            return {429, "rate_limited"};
        case ErrorKind::unavailable:
            return {503, "service_unavailable"};
        case ErrorKind::full:
            return {507, "storage_full"};
        case ErrorKind::internal:
            return {500, "internal"};
    }
    return {500, "internal"};
}

void write_details(json::Writer& writer, const std::vector<FieldError>& fields) {
    writer.begin_object();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string& name = fields[i].field;
        const bool seen = std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const FieldError& other) { return other.field == name; });
        if (seen) continue;
        writer.key(name).begin_array();
        for (const auto& [field, message] : fields)
            if (field == name) writer.string(message);
        writer.end_array();
    }
    writer.end_object();
}

}  // namespace

int http_status(const Error& error) {
    return error.kind == ErrorKind::invalid && !error.fields.empty() ? 422 : shape(error.kind).status;
}

net::HttpReply problem(const Error& error) {
    const char* code = error.fields.empty() ? shape(error.kind).code : "validation_error";
    json::Writer writer;
    writer.begin_object().key("error").begin_object();
    writer.key("code").string(error.code.empty() ? code : error.code);
    // What went wrong inside is for the log; the caller cannot act on it.
    writer.key("message").string(error.kind == ErrorKind::internal ? "Internal error" : error.message);
    if (!error.fields.empty()) write_details(writer.key("details"), error.fields);
    writer.end_object();
    // Runlater's clients look for this key on unknown routes and malformed requests (§1.3 "framework").
    if (error.kind == ErrorKind::not_found && error.code == "unknown_route")
        writer.key("errors").begin_object().key("detail").string("Not Found").end_object();
    if (error.kind == ErrorKind::invalid && error.code == "malformed")
        writer.key("errors").begin_object().key("detail").string("Bad Request").end_object();
    writer.end_object();
    net::HttpReply reply{.status = http_status(error), .body = writer.take()};
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::full)
        reply.headers.emplace_back("retry-after", "5");
    return reply;
}

}  // namespace punkt::api

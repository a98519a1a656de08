#include "facades/qron_problem.h"

#include "base/json.h"

namespace punkt::qron {
namespace {

const char* reason(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Payload Too Large";
        case 429:
            return "Too Many Requests";
        case 503:
            return "Service Unavailable";
        case 507:
            return "Insufficient Storage";
        default:
            return "Internal Server Error";
    }
}

std::string message(const Error& error, int status) {
    if (status == 500) return "Internal server error";
    if (status == 413) return "request entity too large";
    // The authenticator has one sentence for both (rooms/accounts/authenticator.h).
    if (status == 401 && error.message == "Invalid or missing API key")
        return error.code.empty() ? "Missing API Key" : "Invalid API Key";
    return error.message;
}

}  // namespace

net::HttpReply problem(const Error& error) {
    const int status = error.kind == ErrorKind::invalid ? 400 : api::http_status(error);
    json::Writer writer;
    writer.begin_object();
    if (status == 500) {
        writer.key("statusCode").integer(status).key("message").string(message(error, status)).end_object();
        return {.status = status, .body = writer.take()};
    }
    writer.key("message");
    if (error.fields.empty()) {
        writer.string(message(error, status));
    } else {
        writer.begin_array();
        for (const auto& field : error.fields) writer.string(field.message);
        writer.end_array();
    }
    writer.key("error").string(reason(status)).key("statusCode").integer(status).end_object();
    net::HttpReply reply{.status = status, .body = writer.take()};
    if (status == 503 || status == 507) reply.headers.emplace_back("retry-after", "5");
    return reply;
}

}  // namespace punkt::qron

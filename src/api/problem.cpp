#include "api/problem.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "net/reply_writer.h"
#include "store/quotas.h"

namespace punkt::api {
namespace {

// Codes of `invalid` that the contract answers with 422 although no field is to blame (runlater-api.md §1.3).
constexpr std::array<std::string_view, 6> unprocessable{"validation_error", "limit_exceeded", "no_tasks",
                                                        "task_deleted",     "error",          "idempotency_mismatch"};

/// Errors whose status is not that of their kind.
struct Named {
    std::string_view code;
    int status;
};
constexpr std::array named{Named{store::code_quota_exceeded, 402}, Named{code_malformed, 400},
                           Named{code_method_not_allowed, 405},    Named{code_not_acceptable, 406},
                           Named{"request_timeout", 408},          Named{"uri_too_long", 414},
                           Named{"expectation_failed", 417},       Named{"headers_too_large", 431},
                           Named{"version_not_supported", 505},    Named{"unsupported_media_type", 415}};

/// Made before any handler ran: by the router, or by the server itself.
bool is_of_framework(const Error& error) {
    return error.code == code_unknown_route ||
           std::any_of(named.begin(), named.end(), [&](const Named& each) { return each.code == error.code; });
}

int status_of_kind(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::unauthorized:
            return 401;
        case ErrorKind::forbidden:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::gone:
            return 410;
        case ErrorKind::too_large:
            return 413;
        case ErrorKind::limited:
            return 429;
        case ErrorKind::unavailable:
            return 503;
        case ErrorKind::full:
            return 507;
        case ErrorKind::internal:
            return 500;
    }
    return 500;
}

std::string_view code_of(const Error& error) {
    if (error.code == code_malformed) return "bad_request";
    if (!error.code.empty()) return error.code;
    switch (error.kind) {
        case ErrorKind::invalid:
            return error.fields.empty() ? "bad_request" : "validation_error";
        case ErrorKind::unauthorized:
            return "unauthorized";
        case ErrorKind::forbidden:
            return "forbidden";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::gone:
            return "gone";
        case ErrorKind::too_large:
            return "too_large";
        case ErrorKind::limited:
            return "rate_limited";
        case ErrorKind::unavailable:
            return "service_unavailable";
        case ErrorKind::full:
            return "insufficient_storage";
        case ErrorKind::internal:
            return "internal_error";
    }
    return "internal_error";
}

net::HttpReply flat(int status, std::string_view text) {
    json::Writer body;
    body.begin_object().key("error").string(text).end_object();
    return {.status = status, .body = body.take()};
}

void write_error(json::Writer& body, std::string_view code, std::string_view message) {
    body.key("error").begin_object().key("code").string(code).key("message").string(message);
}

net::HttpReply plain(int status, std::string_view code, std::string_view message) {
    json::Writer body;
    body.begin_object();
    write_error(body, code, message);
    body.end_object().end_object();
    return {.status = status, .body = body.take()};
}

/// What the reference's framework answers, with the usual form beside it.
net::HttpReply framework(int status, std::string_view code, std::string_view message) {
    json::Writer body;
    body.begin_object();
    body.key("errors").begin_object().key("detail").string(net::reason_phrase(status)).end_object();
    write_error(body, code, message);
    body.end_object().end_object();
    return {.status = status, .body = body.take()};
}

/// Of a conflict: the field names no parameter, but the task that has what was asked for.
bool is_id_in_the_way(const Error& error, const FieldError& field) {
    return error.kind == ErrorKind::conflict && field.field == "task_id";
}

/// "must be a valid HTTP or HTTPS URL (the host is missing)": clients compare the words before the reason, which stands
/// in the whole message only (runlater-api.md §1.3 "Common validation messages").
std::string_view without_reason(std::string_view message) { return message.substr(0, message.find(" (")); }

/// Field by field, with the id of what is in the way beside them (`task_id`).
net::HttpReply with_details(int status, const Error& error) {
    json::Writer body;
    body.begin_object();
    write_error(body, code_of(error), error.message);
    for (const FieldError& each : error.fields)
        if (is_id_in_the_way(error, each)) body.key(each.field).string(each.message);
    body.key("details").begin_object();
    std::vector<std::string_view> done;
    for (const FieldError& first : error.fields) {
        if (is_id_in_the_way(error, first)) continue;
        if (std::find(done.begin(), done.end(), first.field) != done.end()) continue;
        done.push_back(first.field);
        body.key(first.field).begin_array();
        for (const FieldError& same : error.fields)
            if (same.field == first.field) body.string(without_reason(same.message));
        body.end_array();
    }
    body.end_object().end_object().end_object();
    return {.status = status, .body = body.take()};
}

net::HttpReply with_retry_after(net::HttpReply reply) {
    reply.headers.emplace_back("retry-after", "5");
    return reply;
}

}  // namespace

int http_status(const Error& error) {
    for (const auto& [code, status] : named)
        if (error.code == code) return status;
    if (error.kind != ErrorKind::invalid) return status_of_kind(error.kind);
    const bool is_unprocessable = !error.fields.empty() || std::find(unprocessable.begin(), unprocessable.end(),
                                                                     error.code) != unprocessable.end();
    return is_unprocessable ? 422 : 400;
}

net::HttpReply problem(const Error& error) {
    const int status = http_status(error);
    switch (error.kind) {
        case ErrorKind::invalid:
            if (!error.fields.empty()) return with_details(422, error);
            if (error.code.empty() || status == 422 || !is_of_framework(error))
                return plain(status, code_of(error), error.message);
            return framework(status, code_of(error), error.message);
        case ErrorKind::unauthorized:
            return plain(401, "unauthorized", error.message);
        case ErrorKind::not_found:
            if (error.code.empty()) return plain(404, "not_found", "Resource not found");
            if (!is_of_framework(error)) return plain(404, error.code, error.message);
            return framework(status, status == 404 ? "not_found" : error.code, error.message);
        case ErrorKind::conflict:
            if (error.code == code_request_in_progress) return flat(409, "Request in progress. Please wait and retry.");
            return error.fields.empty() ? plain(409, code_of(error), error.message) : with_details(409, error);
        case ErrorKind::limited:
            return flat(429, "Rate limit exceeded. Try again later.");
        case ErrorKind::too_large:
            return framework(413, code_of(error), error.message);
        case ErrorKind::unavailable:
            return with_retry_after(plain(503, code_of(error), "Server is busy, please retry"));
        case ErrorKind::full:
            return with_retry_after(plain(507, code_of(error), error.message));
        case ErrorKind::internal:
            return framework(500, "internal_error", "Internal Server Error");
        default:
            return plain(status, code_of(error), error.message);
    }
}

Error error_of_refusal(int status, std::string_view reason) {
    if (status == 413) return {ErrorKind::too_large, std::string(reason)};
    if (status == 503) return {ErrorKind::unavailable, std::string(reason)};
    if (status >= 500 && status != 505) return {ErrorKind::internal, std::string(reason)};
    for (const auto& [code, named_status] : named)
        if (status == named_status) return {ErrorKind::invalid, std::string(reason), std::string(code)};
    return {ErrorKind::invalid, std::string(reason), std::string(code_malformed)};
}

}  // namespace punkt::api

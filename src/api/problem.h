// The only place that turns an Error into HTTP. Source: runlater-api.md §1.3.
#pragma once

#include <string_view>

#include "base/result.h"
#include "net/http_server.h"

namespace punkt::api {

/// How a route shows its errors: the native API and each facade have their own.
using ErrorStyle = net::HttpReply (*)(const Error& error);

/// Codes of the errors that the router makes itself; foreign surfaces tell them apart. In brackets their kind.
constexpr std::string_view code_malformed = "malformed";                      // invalid: body, query or path; 400
constexpr std::string_view code_unknown_route = "unknown_route";              // not_found: "Cannot GET /nowhere"
constexpr std::string_view code_method_not_allowed = "method_not_allowed";    // not_found: "Cannot PUT /tasks"; 405
constexpr std::string_view code_not_acceptable = "not_acceptable";            // invalid; 406
constexpr std::string_view code_master_key_required = "master_key_required";  // unauthorized
constexpr std::string_view code_request_in_progress = "request_in_progress";  // conflict: same Idempotency-Key

/// The status of the native API: of the kind, but for validation errors and the codes that have one of their own.
int http_status(const Error& error);

/// The native shape: {"error":{"code","message"}}, with "details":{"<field>":["…"]} for validation errors (422). What a
/// field's message says in brackets is its reason, and shows in "message" only. What is `internal` is answered without
/// its message. The contract's exceptions: `limited` and code_request_in_progress are flat strings; what its framework
/// answers carries {"errors":{"detail"}} as well.
net::HttpReply problem(const Error& error);

/// The error for what the HTTP server refuses by itself (net::HttpRefusal).
Error error_of_refusal(int status, std::string_view reason);

inline Error not_found() { return {ErrorKind::not_found, "Resource not found"}; }

}  // namespace punkt::api

// The only place that turns an Error into HTTP. Source: runlater-api.md §1.3.
#pragma once

#include "base/result.h"
#include "net/http_server.h"

namespace punkt::api {

int http_status(const Error& error);

/// The native shape: {"error":{"code","message"}}, with "details":{"<field>":["…"]} for validation errors (422).
net::HttpReply problem(const Error& error);

/// How a route shows its errors: the native API and each facade have their own.
using ErrorStyle = net::HttpReply (*)(const Error& error);

inline Error not_found() { return {ErrorKind::not_found, "Resource not found"}; }

}  // namespace punkt::api

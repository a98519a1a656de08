// The trace that a task is made in. Source: W3C Trace Context.
#pragma once

#include "core/task.h"
#include "net/http_server.h"

namespace punkt::tasks {

/// Keeps `traceparent` and `tracestate` of the request on the task it makes. What breaks the rules is ignored, as the
/// standard wants.
void keep_trace(const net::HttpRequest& request, Task& task);

}  // namespace punkt::tasks

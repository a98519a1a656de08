#include "rooms/tasks/trace_rules.h"

#include "core/trace_context.h"

namespace punkt::tasks {

void keep_trace(const net::HttpRequest& request, Task& task) {
    std::string parent, state;
    for (const auto& [name, value] : request.headers) {
        if (name == "traceparent") parent += (parent.empty() ? "" : ",") + value;  // two of them are none
        if (name == "tracestate") state += (state.empty() ? "" : ",") + value;     // lists may come in parts
    }
    const auto trace = parse_traceparent(parent);
    if (!trace) return;
    task.traceparent = trace->traceparent();
    task.tracestate = clean_tracestate(state);
}

}  // namespace punkt::tasks

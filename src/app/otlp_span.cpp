#include "app/otlp_span.h"

#include <fmt/format.h>

#include "base/json.h"

namespace punkt::app {
namespace {

using json::Writer;

void put_attribute(Writer& out, std::string_view key, const Span::Value& value) {
    out.begin_object().key("key").string(key).key("value").begin_object();
    if (const auto* number = std::get_if<std::int64_t>(&value))
        out.key("intValue").string(fmt::to_string(*number));  // 64 bits are texts in this encoding
    else
        out.key("stringValue").string(std::get<std::string>(value));
    out.end_object().end_object();
}

void put_span(Writer& out, const Span& span) {
    constexpr int status_error = 2;
    out.begin_object().key("traceId").string(span.trace_id).key("spanId").string(span.span_id);
    if (!span.parent_id.empty()) out.key("parentSpanId").string(span.parent_id);
    out.key("name").string(span.name).key("kind").integer(static_cast<int>(span.kind));
    out.key("startTimeUnixNano").string(fmt::to_string(span.start_ns));
    out.key("endTimeUnixNano").string(fmt::to_string(span.end_ns));
    out.key("attributes").begin_array();
    for (const auto& [key, value] : span.attributes) put_attribute(out, key, value);
    out.end_array().key("events").begin_array();
    for (const auto& [name, at_ns] : span.moments)
        out.begin_object().key("timeUnixNano").string(fmt::to_string(at_ns)).key("name").string(name).end_object();
    out.end_array().key("status").begin_object();
    if (span.is_error) out.key("code").integer(status_error).key("message").string(span.error);
    out.end_object().end_object();
}

}  // namespace

std::string otlp_json(const std::vector<Span>& spans) {
    Writer out;
    out.begin_object().key("resourceSpans").begin_array().begin_object();
    out.key("resource").begin_object().key("attributes").begin_array();
    put_attribute(out, "service.name", "punkt");
    put_attribute(out, "service.version", PUNKT_VERSION);
    out.end_array().end_object();
    out.key("scopeSpans").begin_array().begin_object();
    out.key("scope").begin_object().key("name").string("punkt").end_object();
    out.key("spans").begin_array();
    for (const Span& span : spans) put_span(out, span);
    out.end_array().end_object().end_array().end_object().end_array().end_object();
    return out.take();
}

}  // namespace punkt::app

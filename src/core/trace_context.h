// W3C Trace Context: which trace a request belongs to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace punkt {

struct TraceContext {
    std::string trace_id;  // 32 lower-case hexadecimal digits, not all zero
    std::string span_id;   // 16, likewise
    std::uint8_t flags = 0;

    bool is_sampled() const { return (flags & 1) != 0; }
    /// "00-<trace_id>-<span_id>-<flags>"
    std::string traceparent() const;
};

/// Nothing for what is none; then a receiver behaves as if there were no header. Of a version later than 00 the part
/// that is known. Source: W3C Trace Context (2021) §3.2, §4.3.
std::optional<TraceContext> parse_traceparent(std::string_view text);

/// The list as it is passed on, without empty members; empty for what breaks the rules: more than 32 members, more
/// than 512 characters, a member without '='. Source: W3C Trace Context §3.3.
std::string clean_tracestate(std::string_view text);

/// The span of one delivery: the same for what the target is told and for what is exported.
std::string delivery_span_id(Id execution, int delivery);

}  // namespace punkt

// Spans as OTLP/HTTP carries them in JSON. Pure. Source: OpenTelemetry protocol 1.x, "JSON Protobuf Encoding".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace punkt::app {

struct Span {
    enum class Kind { internal = 1, server = 2, client = 3 };
    struct Moment {
        std::string name;
        std::int64_t at_ns = 0;
    };
    using Value = std::variant<std::string, std::int64_t>;

    std::string trace_id;   // 32 hexadecimal digits
    std::string span_id;    // 16
    std::string parent_id;  // empty: the first of its trace
    std::string name;
    Kind kind = Kind::internal;
    std::int64_t start_ns = 0, end_ns = 0;  // since 1970
    std::vector<std::pair<std::string, Value>> attributes = {};
    std::vector<Moment> moments = {};
    bool is_error = false;
    std::string error = {};
};

/// The body of an export request.
std::string otlp_json(const std::vector<Span>& spans);

}  // namespace punkt::app

#include "app/tracing.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/form.h"
#include "base/crypto.h"
#include "base/text.h"
#include "core/url.h"

namespace punkt::app {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000, ns_per_us = 1'000;

std::int64_t to_ns(Timestamp at) { return to_ms(at) * ns_per_ms; }

/// Ids become ":id": names of spans are few, and some paths hold a secret.
std::string span_name(std::string_view method, std::string_view path) {
    std::string name = std::string(method) + " ";
    while (!path.empty()) {
        const auto slash = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, slash);
        path.remove_prefix(slash);
        const bool has_digit = std::any_of(segment.begin(), segment.end(), [](char c) { return c >= '0' && c <= '9'; });
        name += has_digit && segment.size() > 3 ? std::string_view("/:id") : segment;
    }
    return name;
}

void replace_header(net::HttpRequest& request, std::string_view name, std::string value) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    request.headers.emplace_back(name, std::move(value));
}

void add_moments(Span& span, const Timings& timings) {
    const std::pair<const char*, std::optional<std::int64_t>> phases[] = {{"dns", timings.dns_us},
                                                                          {"connect", timings.connect_us},
                                                                          {"tls", timings.tls_us},
                                                                          {"first_byte", timings.first_byte_us}};
    for (const auto& [name, at_us] : phases)
        if (at_us) span.moments.push_back({name, span.start_ns + *at_us * ns_per_us});
}

}  // namespace

TraceContext Tracing::begin_trace() const {
    const bool is_sampled = static_cast<unsigned char>(crypto::random_bytes(1)[0]) * 100 < sample_percent_ * 256;
    return {.trace_id = crypto::hex(crypto::random_bytes(16)), .flags = is_sampled ? std::uint8_t{1} : std::uint8_t{0}};
}

Async<net::HttpReply> Tracing::handle(net::HttpRequest request, const net::HttpHandler& next) {
    const auto given = parse_traceparent(request.header("traceparent").value_or(""));
    TraceContext own = given ? *given : begin_trace();
    own.span_id = crypto::hex(crypto::random_bytes(8));
    if (!given) std::erase_if(request.headers, [](const auto& header) { return header.first == "tracestate"; });
    replace_header(request, "traceparent", own.traceparent());
    Span span{.trace_id = own.trace_id,
              .span_id = own.span_id,
              .parent_id = given ? given->span_id : "",
              .name = span_name(request.method, request.path),
              .kind = Span::Kind::server,
              .start_ns = to_ns(clock_.now()),
              .attributes = {{"http.request.method", request.method}}};
    const Microseconds began = clock_.elapsed();
    net::HttpReply reply = co_await next(std::move(request));
    if (!own.is_sampled()) co_return reply;
    span.end_ns = span.start_ns + (clock_.elapsed() - began).count() * ns_per_us;
    span.attributes.emplace_back("http.response.status_code", std::int64_t{reply.status});
    span.is_error = reply.status >= 500;
    exporter_.record(std::move(span));
    co_return reply;
}

void Tracing::ended(const Execution& execution, const Task& task) {
    const auto given = parse_traceparent(task.traceparent);
    const TraceContext trace = given ? *given : begin_trace();
    if (!trace.is_sampled()) return;
    const auto url = parse_url(task.url);
    Span span{.trace_id = trace.trace_id,
              .span_id = delivery_span_id(execution.id, execution.deliveries),
              .parent_id = trace.span_id,
              .name = fmt::format("{} {}", word(task.method), url ? url->host : ""),
              .kind = Span::Kind::client,
              .start_ns = to_ns(execution.started_at.value_or(execution.scheduled_for))};
    span.end_ns = span.start_ns + execution.timings.total_us * ns_per_us;
    span.attributes = {{"http.request.method", word(task.method)},
                       {"server.address", url ? url->host : ""},
                       {"punkt.task_id", ids_.uuid(IdKind::task, task.id)},
                       {"punkt.execution_id", ids_.uuid(IdKind::execution, execution.id)},
                       {"punkt.attempt", std::int64_t{execution.attempt}},
                       {"punkt.status", word(execution.status)}};
    if (!task.queue.empty()) span.attributes.emplace_back("punkt.queue", task.queue);
    if (execution.status_code)
        span.attributes.emplace_back("http.response.status_code", std::int64_t{*execution.status_code});
    add_moments(span, execution.timings);
    span.is_error = execution.status != Status::success;
    span.error = execution.error_message;
    exporter_.record(std::move(span));
}

void Tracing::committed(Microseconds took) {
    const TraceContext trace = begin_trace();
    if (!trace.is_sampled()) return;
    const std::int64_t now = to_ns(clock_.now());
    exporter_.record({.trace_id = trace.trace_id,
                      .span_id = crypto::hex(crypto::random_bytes(8)),
                      .name = "commit",
                      .start_ns = now - took.count() * ns_per_us,
                      .end_ns = now});
}

Result<Headers> otlp_headers(std::string_view text) {
    Headers headers;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view pair = trimmed(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        if (equals == 0 || equals == std::string_view::npos)
            return Error{ErrorKind::invalid, "must be pairs such as name=value, separated by commas"};
        auto value = api::percent_decoded(trimmed(pair.substr(equals + 1)), false);
        if (!value) return Error{ErrorKind::invalid, "has a value whose percent-encoding is wrong"};
        headers.emplace_back(lower_case(trimmed(pair.substr(0, equals))), std::move(*value));
    }
    return headers;
}

}  // namespace punkt::app

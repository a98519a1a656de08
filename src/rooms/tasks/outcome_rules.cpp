#include "rooms/tasks/outcome_rules.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/assertion.h"
#include "core/verdict.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

constexpr std::size_t status_list_bytes_max = 255;
constexpr std::size_t pattern_bytes_max = 8 * 1024;

void read_text(FieldReader& fields, const char* name, std::string& into, std::size_t bytes_max) {
    if (!fields.has(name)) return;
    into = fields.string(name).value_or("");
    if (into.size() > bytes_max) fields.wrong(name, fmt::format("should be at most {} character(s)", bytes_max));
}

void read_regex(FieldReader& fields, Task& task) {
    constexpr const char* name = "expected_body_regex";
    if (!fields.has(name)) return;
    read_text(fields, name, task.expected_body_regex, regex_bytes_max);
    if (task.expected_body_regex.empty() || task.expected_body_regex.size() > regex_bytes_max) return;
    if (const auto ok = check_regex(task.expected_body_regex); !ok)
        fields.wrong(name, fmt::format("is no regular expression ({})", ok.error().message));
}

void read_json(FieldReader& fields, Task& task) {
    constexpr const char* name = "expected_json";
    const json::Value given = fields.raw(name);
    if (!given.exists()) return;
    task.expected_json.clear();
    if (given.is_nothing()) return;
    if (given.type() != json::Type::object)
        return fields.wrong(name, "must be an object of paths and values, such as {\"$.state\": \"done\"}");
    for (const auto& [path, value] : given.members()) {
        JsonExpectation expectation{.path = std::string(path), .equals = value.text()};
        if (path.size() > json_path_bytes_max)
            return fields.wrong(name, fmt::format("has a path of more than {} characters", json_path_bytes_max));
        if (const auto ok = check_json_path(path); !ok) return fields.wrong(name, "has no path " + ok.error().message);
        if (expectation.equals.size() > json_value_bytes_max)
            return fields.wrong(name, fmt::format("has a value of more than {} bytes", json_value_bytes_max));
        task.expected_json.push_back(std::move(expectation));
    }
    if (task.expected_json.size() > expected_json_count_max)
        fields.wrong(name, fmt::format("has {} paths, at most {} are allowed", task.expected_json.size(),
                                       expected_json_count_max));
}

void read_latency(FieldReader& fields, Task& task) {
    constexpr const char* name = "max_latency_ms";
    if (fields.has(name)) {
        const auto ms = fields.integer(name, 1, limits::timeout_max.count());
        task.expected_latency_max = ms ? std::optional(Milliseconds{*ms}) : std::nullopt;
    }
    if (task.expected_latency_max && *task.expected_latency_max > task.timeout)
        fields.wrong(name, fmt::format("must be less than or equal to timeout_ms ({})", task.timeout.count()));
}

std::optional<Timestamp> instant(json::Value value) {
    if (const auto ms = value.integer(); ms && *ms >= 0 && *ms < 253'402'300'800'000) return from_ms(*ms);
    if (const auto text = value.string()) return parse_rfc3339(*text);
    return std::nullopt;
}

std::optional<Milliseconds> duration(json::Value value) {
    if (const auto s = value.integer(); s && *s > 0 && *s <= limits::delay_max / std::chrono::seconds{1})
        return std::chrono::seconds{*s};
    if (const auto text = value.string()) return parse_duration(*text);
    return std::nullopt;
}

}  // namespace

void read_assertions(FieldReader& fields, Task& task) {
    read_text(fields, "expected_status_codes", task.expected_status_codes, status_list_bytes_max);
    if (!task.expected_status_codes.empty())
        if (const auto ok = check_status_list(task.expected_status_codes); !ok)
            fields.wrong("expected_status_codes", ok.error().message);
    read_text(fields, "expected_body_pattern", task.expected_body_pattern, pattern_bytes_max);
    read_regex(fields, task);
    read_json(fields, task);
    read_latency(fields, task);
    if (task.method != Method::head) return;
    const auto needs_body = [&fields](const char* name) {
        fields.wrong(name, "cannot be given together with method HEAD, whose answer has no body");
    };
    if (!task.expected_body_pattern.empty()) needs_body("expected_body_pattern");
    if (!task.expected_body_regex.empty()) needs_body("expected_body_regex");
    if (!task.expected_json.empty()) needs_body("expected_json");
}

void read_expiry(FieldReader& fields, Task& task, Timestamp now) {
    const json::Value at = fields.raw("expires_at");
    const json::Value in = fields.raw("expires_in");
    if (!at.is_nothing() && !in.is_nothing())
        return fields.wrong("expires_in", "cannot be given together with expires_at");
    if (task.kind == TaskKind::cron) {
        constexpr const char* only_once = "is only for one-time tasks";
        if (!at.is_nothing()) fields.wrong("expires_at", only_once);
        if (!in.is_nothing()) fields.wrong("expires_in", only_once);
        return task.expires_at.reset();
    }
    if (!at.exists() && !in.exists()) return;
    const bool was_same = at.exists() && instant(at) == task.expires_at;  // a client that sends back what it read
    task.expires_at.reset();
    if (!at.is_nothing()) {
        task.expires_at = instant(at);
        if (!task.expires_at)
            return fields.wrong("expires_at", "is invalid (an RFC 3339 date-time, or milliseconds since 1970)");
        if (was_same) return;
        const Timestamp earliest = std::max(now, task.scheduled_at.value_or(now));
        if (*task.expires_at <= earliest) fields.wrong("expires_at", "must be later than the time it is due");
    } else if (!in.is_nothing()) {
        const auto wait = duration(in);
        if (!wait) return fields.wrong("expires_in", "must be positive seconds or a text such as 30s, 5m, 2h, 1d");
        task.expires_at = std::max(now, task.scheduled_at.value_or(now)) + *wait;
    }
}

void write_outcome_fields(json::Writer& writer, const Task& task) {
    writer.key("expected_body_regex");
    task.expected_body_regex.empty() ? writer.null() : writer.string(task.expected_body_regex);
    writer.key("expected_json");
    if (task.expected_json.empty()) {
        writer.null();
    } else {
        writer.begin_object();
        for (const auto& [path, equals] : task.expected_json) writer.key(path).raw(equals);
        writer.end_object();
    }
    writer.key("max_latency_ms");
    task.expected_latency_max ? writer.integer(task.expected_latency_max->count()) : writer.null();
    writer.key("expires_at");
    task.expires_at ? writer.string(to_text_ms(*task.expires_at)) : writer.null();
}

}  // namespace punkt::tasks

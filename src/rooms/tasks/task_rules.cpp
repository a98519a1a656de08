#include "rooms/tasks/task_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "core/schedule.h"
#include "core/url.h"
#include "rooms/tasks/key_rules.h"
#include "rooms/tasks/label_rules.h"
#include "rooms/tasks/limit_rules.h"
#include "rooms/tasks/outcome_rules.h"
#include "rooms/tasks/queue_rules.h"
#include "rooms/tasks/retry_rules.h"
#include "rooms/tasks/timing_rules.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

constexpr std::chrono::seconds past_tolerance{
    300};  // runlater-api.md §2.3: run_at up to 300 s in the past runs at once

template <class Enum, class FromWord>
void read_word(FieldReader& fields, std::string_view name, Enum& into, FromWord from_word, std::string_view known) {
    const auto text = fields.string(name);
    if (!text) return;
    if (const auto value = from_word(*text))
        into = *value;
    else
        fields.wrong(name, fmt::format("is invalid ('{}' is not one of {})", *text, known));
}

void read_text(FieldReader& fields, std::string_view name, std::string& into, std::size_t characters_max) {
    if (!fields.has(name)) return;
    into = fields.string(name).value_or("");
    if (characters(into) > characters_max)
        fields.wrong(name, fmt::format("should be at most {} character(s)", characters_max));
}

void read_url(FieldReader& fields, std::string_view name, std::string& into, const Rules& rules) {
    if (!fields.has(name)) return;
    into = fields.string(name).value_or("");
    const auto from = into.find_first_not_of(" \t\r\n");
    if (from == std::string::npos) return into.clear();
    into = into.substr(from, into.find_last_not_of(" \t\r\n") - from + 1);
    if (const auto wrong = wrong_with_url(into, rules)) fields.wrong(name, *wrong);
}

/// "1", "1.5", "true" as a header's value.
std::optional<std::string> as_header_value(json::Value value) {
    switch (value.type()) {
        case json::Type::string:
            return std::string(*value.string());
        case json::Type::integer:
        case json::Type::real:
        case json::Type::boolean:
            return value.text();
        case json::Type::null:
            return "";
        default:
            return std::nullopt;
    }
}

void read_headers(FieldReader& fields, Headers& into) {
    const json::Value headers = fields.raw("headers");
    if (headers.is_nothing()) return;
    if (headers.type() != json::Type::object) return fields.wrong("headers", "is invalid");
    into.clear();
    for (const auto& [name, value] : headers.members()) {
        const auto text = as_header_value(value);
        if (!text) return fields.wrong("headers", fmt::format("is invalid (the value of '{}' is no text)", name));
        if (const auto wrong = wrong_with_header(name, *text)) return fields.wrong("headers", *wrong);
        into.emplace_back(name, *text);
    }
    if (into.size() > limits::headers_count)
        fields.wrong("headers",
                     fmt::format("has {} headers, at most {} are allowed", into.size(), limits::headers_count));
}

bool has_content_type(const Headers& headers) {
    return std::any_of(headers.begin(), headers.end(), [](const auto& header) {
        constexpr std::string_view wanted = "content-type";
        return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

/// A string goes out as it is, an object or array as JSON with its content type, body_base64 as bytes.
void read_body(FieldReader& fields, Task& task, const Rules& rules) {
    const json::Value body = fields.raw("body");
    const bool has_base64 = !fields.raw("body_base64").is_nothing();
    if (!body.is_nothing() && has_base64) return fields.wrong("body", "cannot be given together with body_base64");
    if (has_base64) {
        const auto bytes = crypto::from_base64(fields.string("body_base64").value_or(""));
        if (!bytes) return fields.wrong("body_base64", "is invalid (no base64)");
        task.body = *bytes;
    } else if (const auto text = body.string()) {
        task.body = std::string(*text);
    } else if (body.type() == json::Type::object || body.type() == json::Type::array) {
        task.body = body.text();
        if (!has_content_type(task.headers)) task.headers.emplace_back("content-type", "application/json");
    } else if (!body.is_nothing()) {
        return fields.wrong("body", "is invalid");
    } else if (body.exists()) {
        task.body.reset();
    }
    if (task.body && task.body->size() > rules.body_bytes_max)
        fields.wrong("body", fmt::format("must be less than {}KB", rules.body_bytes_max / 1024));
}

/// The fields that create and update share; those that are absent keep what `task` has.
void read_common(FieldReader& fields, Task& task, const Rules& rules) {
    read_url(fields, "url", task.url, rules);
    if (task.url.empty()) fields.wrong("url", "can't be blank");
    read_text(fields, "name", task.name, limits::name_bytes);
    read_key(fields, task);
    read_labels(fields, task);
    read_word(fields, "method", task.method, method_from, "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
    read_headers(fields, task.headers);
    read_body(fields, task, rules);
    if (const auto ms = fields.integer("timeout_ms", limits::timeout_min.count(), limits::timeout_max.count()))
        task.timeout = Milliseconds{*ms};
    if (const auto count = fields.integer("retry_attempts", 0, limits::retries_max))
        task.retry_attempts = static_cast<int>(*count);
    read_retry(fields, task.retry);
    if (const auto follow = fields.boolean("follow_redirects")) task.follow_redirects = *follow;
    read_text(fields, "queue", task.queue, limits::queue_bytes);
    check_queue_name(fields, task);
    if (const auto priority = fields.integer("priority", 1, 10)) task.priority = static_cast<int>(*priority);
    read_limits(fields, task);
    read_url(fields, "callback_url", task.callback_url, rules);
    read_url(fields, "on_failure_url", task.on_failure_url, rules);
    read_url(fields, "on_recovery_url", task.on_recovery_url, rules);
    read_assertions(fields, task);
    if (fields.has("notify_on_failure")) task.notify_on_failure = fields.boolean("notify_on_failure");
    if (fields.has("notify_on_recovery")) task.notify_on_recovery = fields.boolean("notify_on_recovery");
    read_text(fields, "timezone", task.timezone, 64);
    if (task.timezone.empty()) task.timezone = "UTC";
    read_word(fields, "cron_dialect", task.dialect, cron_dialect_from, "classic, and");
    read_word(fields, "catch_up", task.catch_up, catch_up_from, "skip, run_latest, run_all");
    read_word(fields, "overlap", task.overlap, overlap_from, "allow, skip, queue");
}

/// A one-time task has no use for its time zone, but a mistyped one shall not wait until it becomes a cron task.
void check_zone(FieldReader& fields, const Task& task) {
    if (const auto zone = TimeZone::find(task.timezone); !zone) fields.wrong("timezone", zone.error().message);
}

/// Sets next_run_at of a cron task, or says why there is none.
void plan_cron(FieldReader& fields, Task& task, Timestamp now) {
    if (task.cron.size() > limits::cron_bytes)
        return fields.wrong("cron_expression", fmt::format("should be at most {} character(s)", limits::cron_bytes));
    const auto schedule = Schedule::create(task);
    if (!schedule) {
        for (const auto& [field, message] : schedule.error().fields) fields.wrong(field, message);
        return;
    }
    task.next_run_at = schedule->next(now);
    if (!task.next_run_at)
        fields.wrong("cron_expression", "is not a valid cron expression (it has no run in the future)");
    if (!task.enabled) task.next_run_at.reset();
}

/// Whether `given` is `stored` as the API shows it: in whole seconds.
bool is_as_shown(std::optional<Timestamp> stored, Timestamp given) {
    return stored && (*stored == given || std::chrono::floor<std::chrono::seconds>(*stored) == given);
}

/// "http://example.com/x · 01 Mar, 09:00"
std::string default_name(const Task& task) {
    if (task.kind == TaskKind::cron) return "Cron: " + task.url;
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string at = to_text_seconds(*task.scheduled_at);  // 2026-03-01T09:00:00Z
    return fmt::format("{} · {} {}, {}", task.url, at.substr(8, 2), months[std::stoi(at.substr(5, 2)) - 1],
                       at.substr(11, 5));
}

std::string cut(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    text.resize(bytes_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.pop_back();
    return text;
}

}  // namespace

std::optional<std::string> wrong_with_url(std::string_view text, const Rules& rules) {
    if (text.size() > limits::url_bytes) return fmt::format("should be at most {} character(s)", limits::url_bytes);
    const auto url = parse_url(text);
    if (!url) return url.error().message;
    return net::refused_literal(*url, rules.guard);
}

std::optional<std::string> wrong_with_header(std::string_view name, std::string_view value) {
    constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";  // RFC 9110 §5.6.2
    const bool is_token = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               token_marks.find(c) != std::string_view::npos;
    });
    if (!is_token || name.size() > limits::header_name_bytes)
        return fmt::format("is invalid ('{}' is no header name)", name.substr(0, 64));
    if (value.size() > limits::header_value_bytes)
        return fmt::format("is invalid (the value of '{}' is longer than {} bytes)", name, limits::header_value_bytes);
    const bool is_clean = std::none_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
    if (!is_clean) return fmt::format("is invalid (the value of '{}' has control characters)", name);
    return std::nullopt;
}

Result<Task> one_time_task(api::FieldReader& fields, const Rules& rules, Timestamp now, Timestamp due) {
    Task task;
    task.created_at = task.updated_at = now;
    task.scheduled_at = due;
    read_common(fields, task, rules);
    read_expiry(fields, task, now);
    check_zone(fields, task);
    if (!fields.is_clean()) return fields.error();
    if (auto entered = enter_queue(task, !fields.raw("priority").is_nothing(), rules); !entered) return entered.error();
    if (task.name.empty()) task.name = cut(default_name(task), limits::name_bytes);
    return task;
}

Result<Task> new_task(api::FieldReader& fields, const Rules& rules, Timestamp now) {
    const json::Value cron = either(fields, "cron", "cron_expression");
    const json::Value run_at = either(fields, "run_at", "scheduled_at");
    const json::Value delay = fields.raw("delay");
    if (!decides(cron)) {
        Timestamp due = now;
        if (decides(delay)) {
            const auto wait = read_delay(delay);
            if (!wait) return wait.error();
            due = now + *wait;
        } else if (decides(run_at)) {
            const auto at = read_instant(run_at);
            if (!at) return at.error();
            if (*at < now - past_tolerance) fields.wrong("scheduled_at", "must be in the future");
            due = *at;
        }
        return one_time_task(fields, rules, now, due);
    }
    Task task;
    task.created_at = task.updated_at = now;
    task.kind = TaskKind::cron;
    task.method = Method::get;
    if (const auto text = cron.string())
        task.cron = *text;
    else
        fields.wrong("cron_expression", "is invalid");
    task.enabled = fields.boolean("enabled").value_or(true);
    read_common(fields, task, rules);
    read_expiry(fields, task, now);
    if (!task.cron.empty()) plan_cron(fields, task, now);
    if (!fields.is_clean()) return fields.error();
    if (auto entered = enter_queue(task, !fields.raw("priority").is_nothing(), rules); !entered) return entered.error();
    if (task.name.empty()) task.name = cut(default_name(task), limits::name_bytes);
    return task;
}

Result<Task> updated_task(const Task& current, api::FieldReader& fields, const Rules& rules, Timestamp now) {
    Task task = current;
    task.updated_at = now;
    ++task.version;
    read_common(fields, task, rules);
    if (const auto kind = fields.string("schedule_type")) {
        if (const auto known = task_kind_from(*kind))
            task.kind = *known;
        else
            fields.wrong("schedule_type", "is invalid ('" + *kind + "' is not one of cron, once)");
    }
    if (const auto enabled = fields.boolean("enabled")) task.enabled = *enabled;
    const json::Value cron = either(fields, "cron", "cron_expression");
    const json::Value run_at = either(fields, "run_at", "scheduled_at");
    if (task.kind == TaskKind::cron) {
        if (cron.exists()) task.cron = cron.string().value_or("");
        if (task.cron.empty())
            fields.wrong("cron_expression", "can't be blank");
        else
            plan_cron(fields, task, now);
    } else {
        if (!cron.is_nothing()) fields.wrong("cron_expression", "is only for tasks with schedule_type \"cron\"");
        task.next_run_at.reset();
        check_zone(fields, task);
    }
    if (!run_at.is_nothing()) {
        const auto at = read_instant(run_at);
        if (!at)
            fields.wrong("scheduled_at", "is invalid");
        else if (!is_as_shown(task.scheduled_at, *at) && *at < now)
            fields.wrong("scheduled_at", "must be in the future");
        else if (!is_as_shown(task.scheduled_at, *at))  // a client that sends back what it read changes nothing
            task.scheduled_at = *at;
    }
    read_expiry(fields, task, now);
    if (task.kind == TaskKind::once && !task.scheduled_at) fields.wrong("scheduled_at", "can't be blank");
    if (!fields.is_clean()) return fields.error();
    if (task.queue != current.queue)
        if (auto entered = enter_queue(task, true, rules); !entered) return entered.error();
    if (task.name.empty()) task.name = cut(parse_url(task.url)->host, limits::name_bytes);
    return task;
}

}  // namespace punkt::tasks

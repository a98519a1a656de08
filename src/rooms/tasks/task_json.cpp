#include "rooms/tasks/task_json.h"

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "rooms/tasks/label_rules.h"
#include "rooms/tasks/limit_rules.h"
#include "rooms/tasks/outcome_rules.h"
#include "rooms/tasks/retry_rules.h"

namespace punkt::tasks {
namespace {

void write_time(json::Writer& writer, const std::optional<Timestamp>& at) {
    at ? writer.string(to_text_seconds(*at)) : writer.null();
}

void write_time_ms(json::Writer& writer, const std::optional<Timestamp>& at) {
    at ? writer.string(to_text_ms(*at)) : writer.null();
}

void write_text(json::Writer& writer, std::string_view text) { text.empty() ? writer.null() : writer.string(text); }

void write_flag(json::Writer& writer, const std::optional<bool>& flag) { flag ? writer.boolean(*flag) : writer.null(); }

void write_headers(json::Writer& writer, const Headers& headers) {
    writer.begin_object();
    for (const auto& [name, value] : headers) writer.key(name).string(value);
    writer.end_object();
}

/// A body as text, or as base64 under another key when it is no UTF-8: nothing is lost on the way out.
void write_body(json::Writer& writer, std::string_view key, const std::optional<std::string>& body) {
    const bool is_text = !body || is_utf8(*body);
    writer.key(key);
    body&& is_text ? writer.string(*body) : writer.null();
    if (!is_text) writer.key(std::string(key) + "_base64").string(crypto::base64(*body));
}

/// "HTTP/1.1 200 OK\r\nname: value\r\n" as a list of names and values.
void write_head(json::Writer& writer, std::string_view head) {
    writer.begin_array();
    for (auto from = head.find("\r\n"); from != std::string_view::npos;) {
        const auto to = head.find("\r\n", from + 2);
        const std::string_view line = head.substr(from + 2, to == std::string_view::npos ? to : to - from - 2);
        from = to;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
        writer.begin_object().key("name").string(line.substr(0, colon)).key("value").string(value).end_object();
    }
    writer.end_array();
}

void write_timings(json::Writer& writer, const Timings& timings) {
    const auto phase = [&writer](const char* name, const std::optional<std::int64_t>& us) {
        writer.key(name);
        us ? writer.number(static_cast<double>(*us) / 1000.0) : writer.null();
    };
    writer.begin_object();
    phase("dns_ms", timings.dns_us);
    phase("connect_ms", timings.connect_us);
    phase("tls_ms", timings.tls_us);
    phase("first_byte_ms", timings.first_byte_us);
    phase("total_ms", timings.total_us);
    writer.end_object();
}

/// The fields of the list, without the surrounding object.
void write_execution_fields(json::Writer& writer, const Execution& execution, const PublicIds& ids) {
    writer.key("id").string(ids.uuid(IdKind::execution, execution.id));
    writer.key("task_id").string(ids.uuid(IdKind::task, execution.task));
    writer.key("status").string(word(execution.status));
    write_time(writer.key("scheduled_for"), execution.scheduled_for);
    write_time(writer.key("started_at"), execution.started_at);
    write_time(writer.key("finished_at"), execution.finished_at);
    writer.key("status_code");
    execution.status_code ? writer.integer(*execution.status_code) : writer.null();
    writer.key("duration_ms");
    execution.started_at ? writer.integer(execution.timings.total_us / 1000) : writer.null();
    write_text(writer.key("error_message"), execution.error_message);
    writer.key("attempt").integer(execution.attempt);
    writer.key("cause").string(word(execution.cause));
    writer.key("next_execution_id");
    execution.next != 0 ? writer.string(ids.uuid(IdKind::execution, execution.next)) : writer.null();
    write_time_ms(writer.key("next_attempt_at"), execution.next_at);
}

}  // namespace

void write_task(json::Writer& writer, const Task& task, const PublicIds& ids) {
    const bool is_cron = task.kind == TaskKind::cron;
    writer.begin_object();
    writer.key("id").string(ids.uuid(IdKind::task, task.id)).key("name").string(task.name);
    write_text(writer.key("key"), task.key);
    write_labels(writer, task);
    writer.key("url").string(task.url).key("method").string(word(task.method));
    write_headers(writer.key("headers"), task.headers);
    write_body(writer, "body", task.body);
    writer.key("schedule_type").string(word(task.kind));
    write_text(writer.key("cron_expression"), task.cron);
    writer.key("timezone").string(task.timezone).key("cron_dialect").string(word(task.dialect));
    writer.key("catch_up").string(word(task.catch_up)).key("overlap").string(word(task.overlap));
    write_time(writer.key("scheduled_at"), is_cron ? std::nullopt : task.scheduled_at);
    writer.key("enabled").boolean(task.enabled).key("timeout_ms").integer(task.timeout.count());
    writer.key("retry_attempts").integer(task.retry_attempts);
    write_retry(writer.key("retry"), task.retry);
    writer.key("follow_redirects").boolean(task.follow_redirects);
    write_text(writer.key("expected_status_codes"), task.expected_status_codes);
    write_text(writer.key("expected_body_pattern"), task.expected_body_pattern);
    write_outcome_fields(writer, task);
    write_text(writer.key("queue"), task.queue);
    writer.key("priority").integer(task.priority);
    if (!task.key_limits.empty()) write_limits(writer.key("limits"), task.key_limits);
    write_text(writer.key("callback_url"), task.callback_url);
    write_flag(writer.key("notify_on_failure"), task.notify_on_failure);
    write_flag(writer.key("notify_on_recovery"), task.notify_on_recovery);
    write_text(writer.key("on_failure_url"), task.on_failure_url);
    write_text(writer.key("on_recovery_url"), task.on_recovery_url);
    write_time(writer.key("next_run_at"), task.next_run_at);
    write_time(writer.key("last_execution_at"), task.last_execution_at);
    write_text(writer.key("last_execution_status"), task.last_execution_status);
    writer.key("badge_token").string(ids.badge_token(fmt::format("task:{}", task.id)));
    write_time(writer.key("inserted_at"), task.created_at);
    write_time(writer.key("updated_at"), task.updated_at);
    if (task.purpose != Purpose::user) {
        writer.key("purpose").string(word(task.purpose));
        writer.key("parent_execution_id").string(ids.uuid(IdKind::execution, task.parent));
    }
    writer.end_object();
}

void write_execution(json::Writer& writer, const Execution& execution, const PublicIds& ids) {
    writer.begin_object();
    write_execution_fields(writer, execution, ids);
    writer.end_object();
}

void write_timer(json::Writer& writer, const Timer& timer, bool is_running, const PublicIds& ids) {
    writer.begin_object();
    writer.key("id").string(ids.uuid(IdKind::execution, timer.id));
    writer.key("task_id").string(ids.uuid(IdKind::task, timer.task));
    writer.key("status").string(word(is_running ? Status::running : Status::pending));
    writer.key("scheduled_for").string(to_text_seconds(timer.scheduled_for));
    for (const char* unknown : {"started_at", "finished_at", "status_code", "duration_ms", "error_message"})
        writer.key(unknown).null();
    writer.key("attempt").integer(timer.attempt).key("cause").string(word(timer.cause));
    writer.key("next_execution_id").null().key("next_attempt_at").null();
    writer.end_object();
}

void write_execution_in_full(json::Writer& writer, const Execution& execution, const Task* task,
                             const std::vector<store::FollowUp>& follow_ups, const PublicIds& ids) {
    const std::string_view head = execution.request_head;
    const std::string_view request_line = head.substr(0, head.find("\r\n"));
    writer.begin_object();
    write_execution_fields(writer, execution, ids);
    write_time_ms(writer.key("due_at"), execution.scheduled_for);
    write_time_ms(writer.key("sent_at"), execution.started_at);
    writer.key("deliveries").integer(execution.deliveries).key("task_version").integer(execution.task_version);
    write_text(writer.key("address"), execution.address);
    write_timings(writer.key("timings"), execution.timings);
    writer.key("request").begin_object();
    write_text(writer.key("line"), request_line);
    write_text(writer.key("url"), task != nullptr ? task->url : "");
    write_head(writer.key("headers"), head);
    write_body(writer, "body", task != nullptr ? task->body : std::nullopt);
    writer.end_object();
    writer.key("response");
    if (execution.response_head.empty()) {
        writer.null();
    } else {
        writer.begin_object().key("status").integer(execution.status_code.value_or(0));
        write_head(writer.key("headers"), execution.response_head);
        write_body(writer, "body", execution.response_body);
        writer.key("truncated").boolean(execution.response_truncated).end_object();
    }
    writer.key("follow_ups").begin_array();
    for (const store::FollowUp& follow_up : follow_ups) {
        writer.begin_object().key("task_id").string(ids.uuid(IdKind::task, follow_up.task));
        writer.key("purpose").string(word(follow_up.purpose)).key("url").string(follow_up.url);
        writer.key("status").string(word(follow_up.status)).end_object();
    }
    writer.end_array();
    writer.end_object();
}

}  // namespace punkt::tasks

#include "facades/qron_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"

namespace punkt::qron {
namespace {

constexpr std::int64_t delay_ms_max = Milliseconds{limits::delay_max}.count();
constexpr Milliseconds backoff_base{3'000};
constexpr int retries = 2;  // three attempts in total

bool is_secret(std::string_view header) {
    const std::string name = lower_case(header);
    for (const std::string_view word : {"authorization", "cookie", "token", "secret", "api-key", "apikey", "password"})
        if (name.find(word) != std::string::npos) return true;
    return false;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view plain = "-_.~";
    std::string out;
    for (const char c : text) {
        const bool keeps = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           plain.find(c) != std::string_view::npos;
        out += keeps ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// {"a":{"b":1},"c":[2]} as a[b]=1&c[]=2, escaped.
void append_query(std::string& out, const std::string& name, json::Value value) {
    if (value.type() == json::Type::object) {
        for (const auto& [key, inner] : value.members())
            append_query(out, name.empty() ? percent_encoded(key) : fmt::format("{}[{}]", name, percent_encoded(key)),
                         inner);
    } else if (value.type() == json::Type::array) {
        for (const json::Value inner : value.elements()) append_query(out, name + "[]", inner);
    } else if (value.type() != json::Type::null) {
        const auto text = value.string();
        out += (out.empty() ? "" : "&") + name + "=" + percent_encoded(text ? std::string(*text) : value.text());
    }
}

void read_headers(json::Value headers, Task& task, std::vector<FieldError>& wrong) {
    if (headers.is_nothing()) return;
    if (headers.type() != json::Type::object) return wrong.push_back({"headers", "headers must be an object"});
    for (const auto& [name, value] : headers.members()) {
        const auto text = value.string();
        if (!text || tasks::wrong_with_header(name, *text))
            return wrong.push_back({"headers", "headers must be an object of strings"});
        task.headers.emplace_back(name, *text);
    }
}

void read_delay(json::Value delay, Task& task, std::vector<FieldError>& wrong) {
    const auto ms = delay.integer();
    // The original lists the minimum first and adds the type, also for a missing delay (qron.md §3).
    if (!ms || *ms < 0) wrong.push_back({"delay", "Delay must be at least 0 milliseconds"});
    if (!ms) wrong.push_back({"delay", "delay must be an integer number"});
    if (ms && *ms > delay_ms_max) wrong.push_back({"delay", "Delay must be at most 100 years"});
    if (ms && *ms >= 0 && *ms <= delay_ms_max) task.scheduled_at = task.created_at + Milliseconds{*ms};
}

void read_payload(json::Value payload, Task& task) {
    if (payload.type() != json::Type::object) return;
    if (task.method == Method::get) {
        std::string query;
        append_query(query, "", payload);
        if (!query.empty()) task.url += (task.url.find('?') == std::string::npos ? "?" : "&") + query;
        return;
    }
    task.body = payload.text();
    const bool has_type = std::any_of(task.headers.begin(), task.headers.end(),
                                      [](const auto& header) { return lower_case(header.first) == "content-type"; });
    if (!has_type) task.headers.emplace_back("content-type", "application/json");
}

std::string data_text(const Task& task, std::string_view url, json::Value payload) {
    json::Writer writer;
    writer.begin_object().key("url").string(url);
    if (payload.type() == json::Type::object) writer.key("payload").raw(payload.text());
    writer.key("method").string(word(task.method));
    if (!task.headers.empty()) {
        writer.key("headers").begin_object();
        for (const auto& [name, value] : task.headers) writer.key(name).string(is_secret(name) ? "***" : value);
        writer.end_object();
    }
    writer.end_object();
    return writer.take();
}

/// qron.md §6: the texts of the original's HTTP library.
std::string error_text(const Execution& execution, Milliseconds timeout) {
    if (execution.status == Status::timeout) return fmt::format("timeout of {}ms exceeded", timeout.count());
    if (execution.status_code) return fmt::format("Request failed with status code {}", *execution.status_code);
    return execution.error_message;
}

const char* state_of(const View& view, Timestamp now) {
    if (view.is_running) return "active";
    if (view.timer) return view.timer->due > now ? "delayed" : "waiting";
    return !view.executions.empty() && view.executions.back().status == Status::success ? "completed" : "failed";
}

void write_result(json::Writer& writer, const Execution& execution) {
    writer.begin_object().key("status").integer(execution.status_code.value_or(0)).key("data");
    const auto parsed = json::Document::parse(execution.response_body);
    parsed ? writer.raw(parsed->root().text()) : writer.string(execution.response_body);
    writer.end_object();
}

}  // namespace

Result<Job> job_from(json::Value body, const tasks::Rules& rules, bool backoff_is_fixed, Timestamp now) {
    std::vector<FieldError> wrong;
    Job job;
    Task& task = job.task;
    task.surface = Surface::qron;
    task.created_at = task.updated_at = now;
    task.url = std::string(body["targetUrl"].string().value_or(""));
    if (task.url.empty() || tasks::wrong_with_url(task.url, rules))
        wrong.push_back({"targetUrl", "Target must be a valid URL"});
    read_delay(body["delay"], task, wrong);
    const json::Value payload = body["payload"];
    if (!payload.is_nothing() && payload.type() != json::Type::object)
        wrong.push_back({"payload", "payload must be an object"});
    const json::Value method = body["method"];
    const auto known = method.string() ? method_from(*method.string()) : std::nullopt;
    if (!method.is_nothing() && (!known || *known == Method::head || *known == Method::options))
        wrong.push_back({"method", "method must be one of the following values: GET, POST, PUT, DELETE, PATCH"});
    else if (known)
        task.method = *known;
    read_headers(body["headers"], task, wrong);
    if (!wrong.empty()) return Error{ErrorKind::invalid, wrong.front().message, "", wrong};

    job.data = data_text(task, task.url, payload);
    task.name = "qron: " + task.url.substr(0, 200);
    read_payload(payload, task);
    task.retry_attempts = retries;
    task.retry = RetryPolicy{.strategy = backoff_is_fixed ? RetryPolicy::Strategy::fixed : RetryPolicy::Strategy::qron,
                             .initial = backoff_base,
                             .jitter = 0};
    return job;
}

std::string view_text(const View& view, Timestamp now) {
    const Execution* last = view.executions.empty() ? nullptr : &view.executions.back();
    const Execution* last_failed = nullptr;
    int failed = 0;
    for (const Execution& execution : view.executions) {
        if (execution.status == Status::success) continue;
        last_failed = &execution;
        ++failed;
    }
    const bool is_over = !view.timer && last != nullptr;
    const auto time = [](json::Writer& writer, const std::optional<Timestamp>& at) {
        at ? writer.string(to_text_ms(*at)) : writer.null();
    };
    json::Writer writer;
    writer.begin_object().key("id").string(fmt::format("{}", view.seq)).key("state").string(state_of(view, now));
    writer.key("progress").integer(0).key("attemptsMade").integer(failed);
    time(writer.key("createdAt"), view.created_at);
    time(writer.key("finishedAt"), is_over ? last->finished_at : std::nullopt);
    time(writer.key("processedAt"), last != nullptr ? last->started_at : std::nullopt);
    writer.key("data").raw(view.data).key("result");
    is_over && last->status == Status::success ? write_result(writer, *last) : static_cast<void>(writer.null());
    writer.key("error");
    last_failed != nullptr ? writer.string(error_text(*last_failed, view.timeout)) : writer.null();
    writer.end_object();
    return writer.take();
}

}  // namespace punkt::qron

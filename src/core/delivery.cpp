#include "core/delivery.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/trace_context.h"

namespace punkt {
namespace {

constexpr std::string_view user_agent = "Punkt/" PUNKT_VERSION;
constexpr std::string_view tiktak_user_agent = "Punkt/" PUNKT_VERSION " (TikTak)";

/// Qron sends its payload with DELETE too (qron.md §6).
bool sends_body(const Task& task) {
    const bool may = task.method == Method::post || task.method == Method::put || task.method == Method::patch ||
                     (task.method == Method::delete_ && task.surface == Surface::qron);
    return may && task.body.has_value();
}

class HeaderList {
  public:
    explicit HeaderList(const Headers& own) {
        list_.reserve(own.size() + 14);
        for (const auto& [name, value] : own) list_.emplace_back(lower_case(name), value);
        own_ = list_.size();
    }
    /// Unless the task sets it itself.
    void add(std::string_view name, std::string value) {
        for (std::size_t i = 0; i < own_; ++i)
            if (list_[i].first == name) return;
        list_.emplace_back(name, std::move(value));
    }
    Headers take() { return std::move(list_); }

  private:
    Headers list_;
    std::size_t own_ = 0;
};

void add_surface_headers(HeaderList& headers, const Task& task, const Timer& timer, const std::string& execution_id) {
    switch (task.surface) {
        case Surface::native:
        case Surface::system:
            headers.add("user-agent", std::string(user_agent));
            break;
        case Surface::qron:
            headers.add("accept", "application/json, text/plain, */*");
            headers.add("user-agent", std::string(user_agent));
            break;
        case Surface::tiktak:
            headers.add("user-agent", std::string(tiktak_user_agent));
            headers.add("x-schedule-id", task.foreign_id);
            headers.add("x-execution-id", execution_id);
            headers.add("x-scheduled-for", to_text_ms(timer.scheduled_for));
            break;
    }
}

void add_signatures(HeaderList& headers, const DeliveryContext& context, const std::string& message_id,
                    std::string_view body) {
    const auto& [current, previous] = context.secrets;
    if (current.empty()) return;
    const std::int64_t seconds = to_ms(context.now) / 1000;
    std::string signature = standard_signature(current, message_id, seconds, body);
    if (previous.empty()) {
        headers.add("x-runlater-signature", runlater_signature(current, body));
    } else {
        headers.add("x-runlater-signature", runlater_signature(previous, body));
        headers.add("punkt-signature-next", runlater_signature(current, body));
        const std::string second = standard_signature(previous, message_id, seconds, body);
        signature += (signature.empty() || second.empty() ? "" : " ") + second;
    }
    headers.add("webhook-id", message_id);
    headers.add("webhook-timestamp", fmt::format_int(seconds).str());
    if (!signature.empty()) headers.add("webhook-signature", std::move(signature));
}

/// The target continues the trace of the request that made the task; each delivery is a span of its own.
void add_trace(HeaderList& headers, const Task& task, const Timer& timer, int delivery) {
    if (task.traceparent.empty()) return;
    auto trace = parse_traceparent(task.traceparent);
    if (!trace) return;
    trace->span_id = delivery_span_id(timer.id, delivery);
    headers.add("traceparent", trace->traceparent());
    if (!task.tracestate.empty()) headers.add("tracestate", task.tracestate);
}

}  // namespace

Request build_request(const TaskPtr& task, const Timer& timer, const DeliveryContext& context) {
    const std::string task_id = context.ids.uuid(IdKind::task, task->id);
    const std::string execution_id = context.ids.uuid(IdKind::execution, timer.id);
    const bool has_body = sends_body(*task);
    const std::string_view body = has_body ? std::string_view(*task->body) : std::string_view{};

    HeaderList headers(task->headers);
    add_surface_headers(headers, *task, timer, execution_id);
    headers.add("x-runlater-task-id", task_id);
    headers.add("x-runlater-execution-id", execution_id);
    headers.add("punkt-task-id", task_id);
    headers.add("punkt-execution-id", execution_id);
    headers.add("punkt-attempt", fmt::format_int(timer.attempt).str());
    headers.add("punkt-delivery", fmt::format_int(context.deliveries).str());
    headers.add("punkt-scheduled-at", to_text_ms(timer.scheduled_for));
    add_trace(headers, *task, timer, context.deliveries);
    // The message is the run: the same id on every attempt (standard-webhooks.md §1).
    add_signatures(headers, context,
                   timer.first == timer.id ? execution_id : context.ids.uuid(IdKind::execution, timer.first), body);

    Request request;
    request.method = task->method;
    request.url = task->url;
    request.headers = headers.take();
    if (has_body) request.body = {task, &*task->body};  // shares the task's bytes
    request.timeout = task->timeout;
    request.redirects_max = task->surface == Surface::qron ? 5 : limits::redirects_max;
    request.redirect_any_method = task->follow_redirects || task->surface == Surface::qron;
    for (const char* name : {"x-runlater-signature", "punkt-signature-next", "webhook-signature"})
        request.origin_bound.emplace_back(name);
    return request;
}

std::string runlater_signature(std::string_view secret, std::string_view body) {
    return "sha256=" + crypto::hex(crypto::hmac_sha256(secret, body));
}

std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_s,
                               std::string_view body) {
    constexpr std::string_view prefix = "whsec_";
    const auto key = crypto::from_base64(secret.starts_with(prefix) ? secret.substr(prefix.size()) : secret);
    if (!key || key->empty()) return {};
    std::string message;
    message.reserve(id.size() + body.size() + 24);
    message.append(id).append(1, '.').append(fmt::format_int(timestamp_s).str()).append(1, '.').append(body);
    const crypto::Digest digest = crypto::hmac_sha256(*key, message);
    return "v1," + crypto::base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace punkt

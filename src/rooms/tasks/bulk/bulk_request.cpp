#include "rooms/tasks/bulk/bulk_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "base/time_text.h"

namespace punkt::tasks {
namespace {

constexpr std::array<const char*, 5> actions{"retry", "cancel", "delete", "reschedule", "move_queue"};
constexpr std::array<const char*, 5> statuses{"waiting", "running", "done", "aborted", "failed"};

constexpr std::array<std::string_view, 10> known_filters{
    "queue", "status",       "type",          "tag",           "name~",
    "host",  "created_from", "created_until", "finished_from", "finished_until"};

template <class Known>
void refuse_unknown(api::FieldReader& fields, json::Value object, const Known& known, std::string_view where) {
    for (const auto& [name, value] : object.members())
        if (std::find(known.begin(), known.end(), name) == known.end())
            fields.wrong(fmt::format("{}{}", where, name), "is unknown");
}

/// Errors of an inner object under the outer one's name: "filter.status".
void take_errors(api::FieldReader& outer, const api::FieldReader& inner, std::string_view where) {
    for (const auto& [field, message] : inner.errors()) outer.wrong(fmt::format("{}.{}", where, field), message);
}

std::optional<Timestamp> read_time(api::FieldReader& fields, std::string_view name) {
    const json::Value value = fields.raw(name);
    if (value.is_nothing()) return std::nullopt;
    if (const auto ms = value.integer(); ms && *ms >= 0) return from_ms(*ms);
    const auto at = parse_rfc3339(value.string().value_or(""));
    if (!at) fields.wrong(name, "is invalid (RFC 3339 or epoch milliseconds)");
    return at ? std::optional(*at) : std::nullopt;
}

BulkFilter read_filter(api::FieldReader& fields) {
    BulkFilter filter;
    if (const auto queue = fields.string("queue")) filter.queue = *queue == "none" ? "" : *queue;
    if (const auto text = fields.string("type")) {
        filter.type = task_kind_from(*text);
        if (!filter.type) fields.wrong("type", fmt::format("is invalid ('{}' is not one of cron, once)", *text));
    }
    if (const auto text = fields.string("status")) {
        filter.status = store::task_state_from(*text);
        if (!filter.status)
            fields.wrong("status", fmt::format("is invalid ('{}' is not one of active, paused, pending, success, "
                                               "failed, timeout, missed, cancelled, expired)",
                                               *text));
    }
    filter.tag = fields.string("tag").value_or("");
    filter.name_part = fields.string("name~").value_or("");
    filter.host = lower_case(fields.string("host").value_or(""));
    filter.created_from = read_time(fields, "created_from");
    filter.created_until = read_time(fields, "created_until");
    filter.finished_from = read_time(fields, "finished_from");
    filter.finished_until = read_time(fields, "finished_until");
    return filter;
}

bool is_empty(const BulkFilter& filter) {
    return !filter.queue && !filter.type && !filter.status && filter.tag.empty() && filter.name_part.empty() &&
           filter.host.empty() && !filter.created_from && !filter.created_until && !filter.finished_from &&
           !filter.finished_until;
}

void read_params(api::FieldReader& fields, BulkRequest& request, Timestamp now) {
    const bool has_delay = !fields.raw("delay").is_nothing(), has_run_at = !fields.raw("run_at").is_nothing();
    if (request.action == BulkAction::reschedule) {
        if (has_delay == has_run_at) fields.wrong("run_at", "can't be blank (give run_at or delay, one of them)");
        if (const auto at = read_time(fields, "run_at")) request.run_at = *at;
        if (has_delay && !has_run_at) {
            const auto delay = parse_duration(fields.string("delay").value_or(""));
            if (delay)
                request.run_at = now + *delay;
            else
                fields.wrong("delay", "is invalid (a text such as 30s, 5m, 2h, 1d)");
        }
        if (fields.is_clean() && request.run_at < now) fields.wrong("run_at", "must be in the future");
    } else if (has_delay || has_run_at) {
        fields.wrong(has_delay ? "delay" : "run_at", "is only for reschedule");
    }
    if (request.action == BulkAction::move_queue) {
        if (!fields.has("queue")) fields.wrong("queue", "can't be blank (null: out of the queue)");
        request.queue = fields.string("queue").value_or("");
        if (request.queue.size() > limits::queue_bytes)
            fields.wrong("queue", fmt::format("should be at most {} character(s)", limits::queue_bytes));
    } else if (fields.has("queue")) {
        fields.wrong("queue", "is only for move_queue");
    }
}

const char* word_of(store::TaskState state) {
    switch (state) {
        case store::TaskState::active:
            return "active";
        case store::TaskState::paused:
            return "paused";
        case store::TaskState::pending:
            return "pending";
        case store::TaskState::success:
            return "success";
        case store::TaskState::failed:
            return "failed";
        case store::TaskState::timeout:
            return "timeout";
        case store::TaskState::missed:
            return "missed";
        case store::TaskState::cancelled:
            return "cancelled";
        case store::TaskState::expired:
            return "expired";
    }
    return "";
}

}  // namespace

const char* word(BulkAction action) { return actions[static_cast<std::size_t>(action)]; }
const char* word(BulkStatus status) { return statuses[static_cast<std::size_t>(status)]; }

std::optional<BulkAction> bulk_action_from(std::string_view text) {
    for (std::size_t i = 0; i < actions.size(); ++i)
        if (text == actions[i]) return static_cast<BulkAction>(i);
    return std::nullopt;
}

Result<BulkRequest> read_bulk_request(api::FieldReader& fields, Timestamp now) {
    BulkRequest request;
    const auto action_word = fields.string("action");
    const auto action = bulk_action_from(action_word.value_or(""));
    if (action)
        request.action = *action;
    else
        fields.wrong("action", action_word ? fmt::format("is invalid ('{}' is not one of retry, cancel, delete, "
                                                         "reschedule, move_queue)",
                                                         *action_word)
                                           : "can't be blank");
    const json::Value filter = fields.raw("filter"), params = fields.raw("params");
    if (!filter.is_nothing() && filter.type() != json::Type::object) fields.wrong("filter", "is invalid (no object)");
    if (!params.is_nothing() && params.type() != json::Type::object) fields.wrong("params", "is invalid (no object)");
    refuse_unknown(fields, filter, known_filters, "filter.");
    refuse_unknown(fields, params, std::array<std::string_view, 3>{"run_at", "delay", "queue"}, "params.");
    api::FieldReader filter_fields(filter), params_fields(params);
    request.filter = read_filter(filter_fields);
    if (filter_fields.is_clean() && is_empty(request.filter))
        fields.wrong("filter", fmt::format("can't be empty (name at least one of {})", fmt::join(known_filters, ", ")));
    if (action) read_params(params_fields, request, now);
    take_errors(fields, filter_fields, "filter");
    take_errors(fields, params_fields, "params");
    if (!fields.is_clean()) return fields.error();
    return request;
}

std::string bulk_request_text(const BulkRequest& request) {
    const BulkFilter& filter = request.filter;
    json::Writer writer;
    const auto text = [&writer](const char* name, const std::string& value) {
        if (!value.empty()) writer.key(name).string(value);
    };
    const auto time = [&writer](const char* name, const std::optional<Timestamp>& at) {
        if (at) writer.key(name).string(to_text_ms(*at));
    };
    writer.begin_object().key("action").string(word(request.action)).key("filter").begin_object();
    if (filter.queue) writer.key("queue").string(filter.queue->empty() ? "none" : *filter.queue);
    if (filter.type) writer.key("type").string(punkt::word(*filter.type));
    if (filter.status) writer.key("status").string(word_of(*filter.status));
    text("tag", filter.tag);
    text("name~", filter.name_part);
    text("host", filter.host);
    time("created_from", filter.created_from);
    time("created_until", filter.created_until);
    time("finished_from", filter.finished_from);
    time("finished_until", filter.finished_until);
    writer.end_object().key("params").begin_object();
    if (request.action == BulkAction::reschedule) writer.key("run_at").string(to_text_ms(request.run_at));
    if (request.action == BulkAction::move_queue) {
        writer.key("queue");
        request.queue.empty() ? writer.null() : writer.string(request.queue);
    }
    writer.end_object().end_object();
    return writer.take();
}

}  // namespace punkt::tasks

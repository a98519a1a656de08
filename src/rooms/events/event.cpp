#include "rooms/events/event.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "base/time_text.h"

namespace punkt::events {
namespace {

using json::Writer;

void put_time(Writer& out, std::string_view name, std::optional<Timestamp> at) {
    out.key(name);
    at ? out.string(to_text_ms(*at)) : out.null();
}

void put_text(Writer& out, std::string_view name, std::string_view text) {
    out.key(name);
    text.empty() ? out.null() : out.string(text);
}

void put_task(Writer& out, const Task& task) {
    out.key("schedule_type").string(word(task.kind));
    out.key("enabled").boolean(task.enabled);
    out.key("version").integer(task.version);
    put_time(out, "next_run_at", task.kind == TaskKind::cron ? task.next_run_at : task.scheduled_at);
}

void put_record(Writer& out, const Execution& record, const PublicIds& ids) {
    out.key("status").string(word(record.status));
    out.key("attempt").integer(record.attempt);
    out.key("status_code");
    record.status_code ? out.integer(*record.status_code) : out.null();
    put_text(out, "error_message", record.error_message);
    put_time(out, "scheduled_for", record.scheduled_for);
    put_time(out, "started_at", record.started_at);
    put_time(out, "finished_at", record.finished_at);
    out.key("next_execution_id");
    record.next != 0 ? out.string(ids.uuid(IdKind::execution, record.next)) : out.null();
    put_time(out, "next_at", record.next_at);
}

void put_timer(Writer& out, const Timer& timer) {
    out.key("attempt").integer(timer.attempt);
    put_time(out, "scheduled_for", timer.scheduled_for);
}

std::string data_of(const Happening& happening, const PublicIds& ids) {
    Writer out;
    out.begin_object();
    if (happening.task != 0) {
        out.key("task_id").string(ids.uuid(IdKind::task, happening.task));
        put_text(out, "task_name", happening.name);
    }
    put_text(out, "queue", happening.queue);
    if (happening.execution != 0) out.key("execution_id").string(ids.uuid(IdKind::execution, happening.execution));
    if (happening.type == EventType::execution_retry_scheduled) {
        out.key("previous_execution_id").string(ids.uuid(IdKind::execution, happening.record->id));
        put_timer(out, *happening.timer);
    } else if (happening.record != nullptr) {
        put_record(out, *happening.record, ids);
    } else if (happening.timer != nullptr) {
        put_timer(out, *happening.timer);
    } else if (happening.details != nullptr) {
        put_task(out, *happening.details);
    }
    return out.end_object().take();
}

}  // namespace

Event event_from(const Happening& happening, Id id, const PublicIds& ids) {
    return {.id = id,
            .organization = happening.organization,
            .type = happening.type,
            .task = happening.task,
            .is_system = happening.is_system,
            .queue = std::string(happening.queue),
            .data = data_of(happening, ids)};
}

std::string cloud_event(const Event& event, const PublicIds& ids) {
    Writer out;
    out.begin_object().key("specversion").string("1.0");
    out.key("id").string(ids.uuid(IdKind::event, event.id));
    out.key("source").string("/organizations/" + ids.uuid(IdKind::organization, event.organization));
    out.key("type").string(word(event.type));
    if (event.task != 0) out.key("subject").string("/tasks/" + ids.uuid(IdKind::task, event.task));
    out.key("time").string(to_text_ms(time_of(event.id)));
    out.key("datacontenttype").string("application/json");
    out.key("data").raw(event.data).end_object();
    return out.take();
}

std::string stream_frame(const Event& event, const PublicIds& ids) {
    std::string frame;
    if (event.is_kept) frame = fmt::format("id: {}\n", ids.uuid(IdKind::event, event.id));
    return frame += control_frame(word(event.type), cloud_event(event, ids));
}

std::string control_frame(std::string_view type, std::string_view data) {
    return fmt::format("event: {}\ndata: {}\n\n", type, data);
}

Result<EventTypes> event_types_from(std::string_view patterns) {
    EventTypes types;
    while (true) {
        const auto comma = patterns.find(',');
        const std::string_view pattern = trimmed(patterns.substr(0, comma));
        bool is_known = false;
        for (std::size_t number = 0; number < types.size(); ++number) {
            const auto name = event_name(static_cast<EventType>(number));
            const bool matches =
                !name.empty() && (pattern == "*" || pattern == name ||
                                  (pattern.ends_with(".*") && name.starts_with(pattern.substr(0, pattern.size() - 1))));
            if (matches) types.set(number);
            is_known |= matches;
        }
        if (!is_known)
            return Error{
                ErrorKind::invalid,
                fmt::format("'{}' is no type of event, such as execution.failed, task.* or *", pattern.substr(0, 64))};
        if (comma == std::string_view::npos) return types;
        patterns.remove_prefix(comma + 1);
    }
}

bool Filter::matches(const Event& event) const {
    return types.test(static_cast<std::size_t>(event.type)) && (!queue || *queue == event.queue) &&
           (task == 0 || task == event.task) && (with_system || !event.is_system);
}

}  // namespace punkt::events

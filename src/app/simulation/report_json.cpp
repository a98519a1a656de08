#include "app/simulation/report_json.h"

#include "api/rate_field.h"
#include "base/time_text.h"

namespace punkt::app {
namespace {

const char* word(SimulationEnd end) {
    if (end == SimulationEnd::runs) return "runs";
    return end == SimulationEnd::time ? "time" : "complete";
}

void write_minute(json::Writer& writer, const SimulatedMinute& minute) {
    writer.begin_object().key("at").string(to_text_seconds(minute.at)).key("starts").integer(minute.starts);
    writer.key("retries").integer(minute.retries).key("failures").integer(minute.failures);
    writer.key("in_flight").integer(minute.in_flight).key("waiting").integer(minute.waiting).end_object();
}

void write_busiest(json::Writer& writer, const SimulatedMinute& minute) {
    writer.begin_object().key("at");
    minute.starts > 0 ? writer.string(to_text_seconds(minute.at)) : writer.null();
    writer.key("starts").integer(minute.starts).end_object();
}

void write_load(json::Writer& writer, const SimulatedLoad& load) {
    writer.begin_object().key("type").string(word(load.type)).key("name");
    load.name.empty() ? writer.null() : writer.string(load.name);
    writer.key("concurrency");
    load.concurrency == 0 ? writer.null() : writer.integer(load.concurrency);
    api::write_rate(writer.key("rate"), load.rate);
    writer.key("starts").integer(load.starts).key("in_flight_max").integer(load.in_flight_max);
    writer.key("waiting_max").integer(load.waiting_max).key("waiting_minutes").integer(load.waiting_minutes);
    write_busiest(writer.key("busiest_minute"), load.busiest);
    writer.key("all_minutes").boolean(load.has_all_minutes).key("minutes").begin_array();
    for (const SimulatedMinute& minute : load.minutes) write_minute(writer, minute);
    writer.end_array().end_object();
}

void write_task(json::Writer& writer, const SimulatedTask& task) {
    writer.begin_object().key("id").string(task.id).key("name").string(task.name).key("queue");
    task.queue.empty() ? writer.null() : writer.string(task.queue);
    writer.key("duration_ms").integer(task.duration.count()).key("runs").integer(task.runs);
    writer.key("retries").integer(task.retries).key("lost").integer(task.lost);
    writer.key("missed").integer(task.missed).key("overlaps").integer(task.overlaps);
    writer.key("longest_wait_ms").integer(task.longest_wait.count()).key("first_runs").begin_array();
    for (const Timestamp at : task.first_runs) writer.string(to_text_seconds(at));
    writer.end_array().key("notes").begin_array();
    for (const std::string& note : task.notes) writer.string(note);
    writer.end_array().end_object();
}

void write_report(json::Writer& writer, const SimulationReport& report) {
    writer.begin_object().key("from").string(to_text_seconds(report.from));
    writer.key("until").string(to_text_seconds(report.until));
    writer.key("complete").boolean(report.end == SimulationEnd::complete).key("ended_by").string(word(report.end));
    writer.key("runs").integer(report.runs).key("retries").integer(report.retries).key("lost").integer(report.lost);
    writer.key("out_at_once").integer(report.load.in_flight_max);
    write_busiest(writer.key("busiest_minute"), report.load.busiest);
    writer.key("tasks").begin_array();
    for (const SimulatedTask& task : report.tasks) write_task(writer, task);
    writer.end_array().key("queues").begin_array();
    for (const auto& [name, queue] : report.queues) {
        writer.begin_object().key("name").string(name).key("concurrency").integer(queue.concurrency);
        writer.key("runs").integer(queue.runs).key("busy_ms").integer(queue.busy.count());
        writer.key("longest_wait_ms").integer(queue.longest_wait.count()).end_object();
    }
    writer.end_array();
    write_load(writer.key("load"), report.load);
    writer.key("limits").begin_array();
    for (const SimulatedLoad& load : report.limits) write_load(writer, load);
    writer.end_array().key("all_keys").boolean(report.has_all_keys).end_object();
}

}  // namespace

void write_reports(json::Writer& writer, const SimulationReport& before, const SimulationReport* after) {
    write_report(writer.begin_object().key("now"), before);
    if (after != nullptr) write_report(writer.key("applied"), *after);
    writer.end_object();
}

}  // namespace punkt::app

// GET /tasks/:id/explain and /executions/:id/explain: why something has not run yet, or what became of it. The gates
// are the engine's own (engine/admission.h).
#include <fmt/format.h>

#include <algorithm>

#include "api/reply.h"
#include "base/time_text.h"
#include "rooms/tasks/handlers.h"
#include "store/execution_store.h"
#include "store/task_store.h"

namespace punkt::tasks {
namespace {

/// What is asked about.
struct Subject {
    Task task;
    std::optional<Timer> timer = std::nullopt;          // it waits or is out; a beat: the next instant of a cron task
    std::optional<Execution> execution = std::nullopt;  // it ended
};

Result<Subject> read_execution(db::Connection& connection, Id organization, Id id) {
    Subject subject;
    auto execution = store::find_execution(connection, organization, id);
    if (!execution) return execution.error();
    subject.execution = std::move(*execution);
    if (!subject.execution) {
        auto timer = store::find_timer(connection, organization, id);
        if (!timer) return timer.error();
        subject.timer = *timer;
        if (!subject.timer) return api::not_found();
    }
    auto task =
        store::find_task(connection, organization, subject.timer ? subject.timer->task : subject.execution->task);
    if (!task) return task.error();
    if (!*task) return api::not_found();
    subject.task = std::move(**task);
    return subject;
}

/// Of a task its next run counts, then its next instant, then what it did last.
Result<Subject> read_task(db::Connection& connection, Id organization, Id id) {
    auto task = store::find_task(connection, organization, id);
    if (!task) return task.error();
    if (!*task) return api::not_found();
    Subject subject{.task = std::move(**task)};
    auto timers = store::timers_of_task(connection, organization, id);
    if (!timers) return timers.error();
    const auto run =
        std::find_if(timers->begin(), timers->end(), [](const Timer& timer) { return timer.kind == Timer::Kind::run; });
    if (!timers->empty()) {
        subject.timer = run == timers->end() ? timers->front() : *run;
        return subject;
    }
    auto last = store::list_executions(connection, organization, id, {.limit = 1});
    if (!last) return last.error();
    if (!last->executions.empty()) subject.execution = std::move(last->executions.front());
    return subject;
}

Async<engine::Why> ask(engine::Inbox& engine, Timer timer, TaskPtr task) {
    co_return co_await wait_for<engine::Why>([&engine, timer, task](UniqueFunction<void(engine::Why)> done) {
        engine.ask(engine::WhyQuestion{.timer = timer, .task = task, .done = std::move(done)});
    });
}

void write_time(json::Writer& writer, std::string_view key, const std::optional<Timestamp>& at) {
    writer.key(key);
    at ? writer.string(to_text_ms(*at)) : writer.null();
}

void write_gate(json::Writer& writer, const engine::GateReport& gate, const PublicIds& ids) {
    writer.begin_object().key("gate").string(word(gate.gate)).key("holds").boolean(gate.holds);
    if (!gate.name.empty()) writer.key("name").string(gate.name);
    if (gate.slots.limit > 0) writer.key("used").integer(gate.slots.used).key("limit").integer(gate.slots.limit);
    if (gate.until) writer.key("until").string(to_text_ms(*gate.until));
    if (!gate.held_by.empty()) {
        writer.key("held_by").begin_array();
        for (const Id id : gate.held_by) writer.string(ids.uuid(IdKind::execution, id));
        writer.end_array();
    }
    writer.end_object();
}

const char* reason(const engine::GateReport& gate) {
    switch (gate.gate) {
        case engine::Gate::paused:
            return "its queue is paused";
        case engine::Gate::start_time:
            return "its time has not come";
        case engine::Gate::order:
            return "its queue is serial and another run goes first";
        case engine::Gate::concurrency:
            return "its queue has as many runs out as it may";
        case engine::Gate::rate:
            return "its queue has started as many as its rate allows";
        case engine::Gate::key_limits:
            return "a key that it shares has reached its limit";
        case engine::Gate::host:
            return "its host is blocked or busy";
        case engine::Gate::organization:
            return "its organization has as many runs out as it may";
        case engine::Gate::quota:
            return "its organization's quota is used up";
    }
    return "";
}

std::string summary(const engine::Why& why) {
    if (why.is_running) return "It is running.";
    const auto held =
        std::find_if(why.gates.begin(), why.gates.end(), [](const engine::GateReport& gate) { return gate.holds; });
    if (held == why.gates.end()) return "It waits for its turn.";
    std::string text = fmt::format("It waits: {}", reason(*held));
    if (!held->name.empty()) text += fmt::format(" ({})", held->name);
    if (held->until) text += fmt::format(" until {}", to_text_ms(*held->until));
    return text + ".";
}

void write_state(json::Writer& writer, const Subject& subject, std::string_view state, const PublicIds& ids) {
    writer.key("task_id").string(ids.uuid(IdKind::task, subject.task.id)).key("execution_id");
    const Id execution = subject.execution                                          ? subject.execution->id
                         : subject.timer && subject.timer->kind == Timer::Kind::run ? subject.timer->id
                                                                                    : 0;
    execution != 0 ? writer.string(ids.uuid(IdKind::execution, execution)) : writer.null();
    writer.key("state").string(state).key("queue");
    subject.task.queue.empty() ? writer.null() : writer.string(subject.task.queue);
}

net::HttpReply waiting_or_running(const Subject& subject, const engine::Why& why, const PublicIds& ids) {
    const bool is_beat = subject.timer->kind == Timer::Kind::beat;
    return api::data(200, [&](json::Writer& writer) {
        writer.begin_object();
        write_state(writer, subject, why.is_running ? "running" : is_beat ? "scheduled" : "pending", ids);
        writer.key("summary").string(summary(why));
        write_time(writer, "scheduled_for", subject.timer->scheduled_for);
        write_time(writer, "started_at", why.started_at);
        writer.key("finished_at").null().key("gates").begin_array();
        for (const auto& gate : why.gates) write_gate(writer, gate, ids);
        writer.end_array().key("ahead").integer(why.ahead);
        write_time(writer, "predicted_start", why.predicted);
        writer.key("prediction").string(word(why.forecast)).end_object();
    });
}

/// It waits for nothing: it is switched off, ended, or never had a time.
net::HttpReply at_rest(const Subject& subject, const PublicIds& ids) {
    const auto& execution = subject.execution;
    const bool is_off = !subject.task.enabled;
    const std::string_view state = is_off ? "disabled" : execution ? word(execution->status) : "idle";
    std::string text = "Nothing of it waits.";
    if (is_off) text = "The task is disabled; it starts again when it is enabled.";
    if (execution && execution->next != 0)
        text = fmt::format("It ended; its retry is {}.", ids.uuid(IdKind::execution, execution->next));
    return api::data(200, [&](json::Writer& writer) {
        writer.begin_object();
        write_state(writer, subject, state, ids);
        writer.key("summary").string(text);
        write_time(writer, "scheduled_for", execution ? std::optional(execution->scheduled_for) : std::nullopt);
        write_time(writer, "started_at", execution ? execution->started_at : std::nullopt);
        write_time(writer, "finished_at", execution ? execution->finished_at : std::nullopt);
        writer.key("gates").begin_array().end_array().key("ahead").integer(0);
        writer.key("predicted_start").null().key("prediction").string(word(engine::Forecast::none)).end_object();
    });
}

Async<net::HttpReply> explain(const Services& services, api::Context& context, IdKind kind) {
    const auto id = id_from_path(services.public_ids, kind, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    const auto subject = co_await services.readers.read<Subject>(
        [organization = context.caller.organization, id = *id, kind](db::Connection& connection) {
            return kind == IdKind::task ? read_task(connection, organization, id)
                                        : read_execution(connection, organization, id);
        });
    if (!subject) co_return api::problem(subject.error());
    if (!subject->timer) co_return at_rest(*subject, services.public_ids);
    Timer run = *subject->timer;
    if (run.kind == Timer::Kind::beat) {  // asked about as the run that its next instant will be
        run.kind = Timer::Kind::run;
        run.id = run.first = 0;
    }
    const auto why = co_await ask(services.engine, run, std::make_shared<const Task>(subject->task));
    co_return waiting_or_running(*subject, why, services.public_ids);
}

}  // namespace

void add_explain_routes(api::Router& router, const Services& services) {
    const auto add = [&](const char* pattern, IdKind kind) {
        router.add({.method = "GET", .pattern = pattern, .handler = [services, kind](api::Context& context) {
                        return explain(services, context, kind);
                    }});
    };
    add("/api/v1/tasks/:id/explain", IdKind::task);
    add("/api/v1/executions/:id/explain", IdKind::execution);
}

}  // namespace punkt::tasks

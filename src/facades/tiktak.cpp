#include "facades/tiktak.h"

#include <fmt/format.h>

#include "api/audit.h"
#include "api/problem.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "facades/tiktak_schedule.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/trace_rules.h"
#include "store/execution_store.h"
#include "store/task_edits.h"
#include "store/task_store.h"
#include "store/task_writes.h"

namespace punkt::tiktak {
namespace {

net::HttpReply plain(int status, std::string text) {
    return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

bool wants_json(const api::Context& context) {
    return context.request.header("accept").value_or("").find("application/json") != std::string_view::npos;
}

/// "field: reason" a line; for JSON {"errors":{"field":["…"]}}.
net::HttpReply refused(const api::Context& context, const Error& error) {
    const int status = error.fields.empty() ? api::http_status(error) : 400;
    if (status == 500) return plain(500, "");
    if (!wants_json(context)) {
        std::string text;
        for (const auto& [field, message] : error.fields) text += fmt::format("{}: {}\n", field, message);
        return plain(status, text.empty() ? error.message : text);
    }
    json::Writer writer;
    writer.begin_object().key("errors").begin_object();
    for (const auto& [field, message] : error.fields) writer.key(field).begin_array().string(message).end_array();
    if (error.fields.empty()) writer.key("base").begin_array().string(error.message).end_array();
    writer.end_object().end_object();
    return {.status = status, .body = writer.take()};
}

net::HttpReply done(const api::Context& context, const char* text, const char* status, std::string_view id,
                    std::optional<Timestamp> next_run_at) {
    if (!wants_json(context)) return plain(200, text);
    json::Writer writer;
    writer.begin_object().key("status").string(status).key("id").string(id).key("next_run_at");
    next_run_at ? writer.string(to_text_ms(*next_run_at)) : writer.null();
    writer.end_object();
    return {.body = writer.take()};
}

net::HttpReply text_problem(const Error& error) {
    if (error.kind == ErrorKind::unauthorized) return plain(401, "Unauthorized");
    if (error.kind == ErrorKind::not_found) return plain(404, "?");
    return plain(api::http_status(error), error.kind == ErrorKind::internal ? "" : error.message);
}

Result<Id> task_of(db::Connection& connection, Id organization, const std::string& id) {
    return db::query_number(connection, "SELECT task FROM tiktak_schedule WHERE organization = $1 AND id = $2",
                            {organization, id});
}

/// What a PUT or a DELETE ends.
struct Ended {
    Task task;
    store::DeleteTasks deletion;
};

/// Ends what `id` stands for, if it still waits. What has run already stays as history.
Result<void> end_current(db::Connection& connection, Id organization, const std::string& id, Timestamp now,
                         std::optional<Ended>& ended) {
    ended.reset();
    const auto task = task_of(connection, organization, id);
    if (!task) return task.error();
    if (*task == 0) return {};
    const auto timers = store::timers_of_task(connection, organization, *task);
    if (!timers) return timers.error();
    if (timers->empty()) return {};
    auto found = store::find_task(connection, organization, *task);
    if (!found) return found.error();
    if (!*found) return {};
    ended.emplace(Ended{std::move(**found), {organization, std::vector{*task}, now, [](Result<void>) {}}});
    return ended->deletion.apply(connection);
}

std::string schedule_text(const Task* task) {
    if (task == nullptr) return "";
    json::Writer writer;
    writer.begin_object().key("callback_url").string(task->url);
    if (!task->cron.empty()) writer.key("cron").string(task->cron);
    if (task->scheduled_at) writer.key("date").string(to_text_ms(*task->scheduled_at));
    writer.key("priority").integer(task->priority).end_object();
    return writer.take();
}

/// TikTak knows a schedule by its name; one that takes the place of another is an update of it.
Result<void> note_schedule(db::Connection& connection, AuditEntry entry, const std::optional<Ended>& before,
                           const Task* after) {
    entry.action = after == nullptr ? "deleted" : before ? "updated" : "created";
    entry.changes = audit_changes(schedule_text(before ? &before->task : nullptr), schedule_text(after));
    return store::insert_audit(connection, entry);
}

class PutSchedule final : public store::InsertTasks {
  public:
    /// `entry`: who asks. `is_create_audited`: whether a new schedule is worth an entry; a replaced one always is.
    PutSchedule(TaskPtr task, AuditEntry entry, bool is_create_audited, store::Done finished)
        : store::InsertTasks(store::NewTask{task, first_timer(*task)}, std::move(finished)),
          task_(std::move(task)),
          entry_(std::move(entry)),
          is_create_audited_(is_create_audited) {}

    Result<void> apply(db::Connection& connection) override {
        if (auto done = end_current(connection, task_->organization, task_->foreign_id, task_->created_at, ended_);
            !done)
            return done;
        if (auto inserted = store::InsertTasks::apply(connection); !inserted) return inserted;
        const auto kept = connection.execute(
            "INSERT INTO tiktak_schedule (organization, id, task) VALUES ($1, $2, $3) "
            "ON CONFLICT (organization, id) DO UPDATE SET task = excluded.task",
            {task_->organization, task_->foreign_id, task_->id});
        if (!kept) return kept.error();
        if (!ended_ && !is_create_audited_) return {};
        return note_schedule(connection, entry_, ended_, task_.get());
    }
    void tell(store::Journal& journal) const override {
        if (ended_) ended_->deletion.tell(journal);
        store::InsertTasks::tell(journal);
    }
    void announce(store::Announcements& announcements) override {
        if (ended_) ended_->deletion.announce(announcements);
        store::InsertTasks::announce(announcements);
    }
    bool is_hot() const override { return false; }

  private:
    TaskPtr task_;
    AuditEntry entry_;
    bool is_create_audited_;
    std::optional<Ended> ended_;
};

class DeleteSchedule final : public store::Write {
  public:
    DeleteSchedule(AuditEntry entry, store::Done finished) : entry_(std::move(entry)), finished_(std::move(finished)) {}

    Result<void> apply(db::Connection& connection) override {
        const std::string& id = entry_.resource_id;
        if (auto done = end_current(connection, entry_.organization, id, entry_.at, ended_); !done) return done;
        const auto removed = connection.execute("DELETE FROM tiktak_schedule WHERE organization = $1 AND id = $2",
                                                {entry_.organization, id});
        if (!removed) return removed.error();
        return ended_ ? note_schedule(connection, entry_, ended_, nullptr) : Result<void>{};
    }
    void tell(store::Journal& journal) const override {
        if (ended_) ended_->deletion.tell(journal);
    }
    void announce(store::Announcements& announcements) override {
        if (ended_) ended_->deletion.announce(announcements);
    }
    void finished(const Result<void>& result) override { finished_(result); }
    bool may_be_refused() const override { return false; }

  private:
    AuditEntry entry_;  // whose, when and which
    store::Done finished_;
    std::optional<Ended> ended_;
};

/// The manual's "every round hour" is every second of minute 0 (tiktak.md §5): worth a hint, not a refusal.
void hint_at_every_second(const Task& task) {
    if (task.cron.starts_with("* "))
        log::info("schedule '{}' fires every second that its other fields allow; \"0 {}\" would be once a minute",
                  task.foreign_id, task.cron.substr(2));
}

}  // namespace

Async<Result<Id>> SchedulesApi::hold_current(Id organization, const std::string& id) {
    auto task = co_await readers_.read<Id>(
        [organization, id](db::Connection& connection) { return task_of(connection, organization, id); });
    if (task && *task != 0) co_await tasks::hold(engine_, 0, *task);
    co_return task;
}

Async<net::HttpReply> SchedulesApi::put(api::Context& context) {
    const auto type = context.request.header("content-type").value_or("");
    if (!type.starts_with("application/json"))
        co_return refused(context,
                          {ErrorKind::invalid, "Content-Type must be application/json", "unsupported_media_type"});
    const auto body = json::Document::parse(context.request.body);
    if (!body) co_return refused(context, body.error());
    if (body->root().type() != json::Type::object)
        co_return refused(context, {ErrorKind::invalid, "the body must be a JSON object"});
    const std::string& id = context.path_value("id");
    auto asked = task_from(id, body->root(), rules_, options_.retries, context.now);
    if (!asked) co_return refused(context, asked.error());
    const Id organization = context.caller.organization;
    auto stored = co_await readers_.read<std::optional<Task>>(
        [organization, id](db::Connection& connection) -> Result<std::optional<Task>> {
            const auto task = task_of(connection, organization, id);
            if (!task) return task.error();
            if (*task == 0) return std::optional<Task>{};
            return store::find_task(connection, organization, *task);
        });
    if (!stored) co_return refused(context, stored.error());
    if (*stored && is_same_cron(**stored, *asked))
        co_return done(context, "Scheduled!", "scheduled", id, (*stored)->next_run_at);
    asked->id = ids_.next(context.now);
    asked->organization = organization;
    tasks::keep_trace(context.request, *asked);
    hint_at_every_second(*asked);
    const auto task = std::make_shared<const Task>(std::move(*asked));
    const auto held = co_await hold_current(organization, id);
    const bool is_create_audited = task->kind == TaskKind::cron || options_.audit.one_time_creates;
    const auto committed = co_await tasks::commit(writer_, [&](store::Done finished) {
        return std::make_unique<PutSchedule>(task, api::audit_entry(context, "", "schedule", id), is_create_audited,
                                             std::move(finished));
    });
    if (held && *held != 0) engine_.end_hold({.task = *held});
    if (!committed) co_return refused(context, committed.error());
    const auto next = task->kind == TaskKind::cron ? task->next_run_at : task->scheduled_at;
    co_return done(context, "Scheduled!", "scheduled", id, next);
}

Async<net::HttpReply> SchedulesApi::remove(api::Context& context) {
    const std::string& id = context.path_value("id");
    const auto held = co_await hold_current(context.caller.organization, id);
    const auto committed = co_await tasks::commit(writer_, [&](store::Done finished) {
        return std::make_unique<DeleteSchedule>(api::audit_entry(context, "", "schedule", id), std::move(finished));
    });
    if (held && *held != 0) engine_.end_hold({.task = *held});
    if (!committed) co_return refused(context, committed.error());
    co_return done(context, "Deleted!", "deleted", id, std::nullopt);
}

Async<net::HttpReply> SchedulesApi::shut_down(api::Context&) {
    options_.shutdown();
    co_return plain(200, "Bye! Taking no new jobs; what is out will finish.");
}

Async<net::HttpReply> SchedulesApi::identified(api::Context& context, Work work, bool is_open) {
    std::string_view token = context.request.header("x-api-key").value_or("");
    if (const auto bearer = context.request.header("authorization").value_or(""); bearer.starts_with("Bearer "))
        token = bearer.substr(7);
    const bool has_own_key = !options_.api_key.empty() && crypto::equal_in_constant_time(token, options_.api_key);
    if (has_own_key || (is_open && options_.api_key.empty())) {
        context.caller = {.organization = options_.organization, .key_name = "tiktak"};
    } else {
        auto caller = co_await authenticator_.authenticate(context.request);
        if (!caller) co_return text_problem(caller.error());
        context.caller = std::move(*caller);
    }
    co_return co_await (this->*work)(context);
}

void SchedulesApi::add(api::Router& router, const char* method, Work work, bool is_open) {
    const bool is_shutdown = work == &SchedulesApi::shut_down;
    router.add({.method = method,
                .pattern = is_shutdown ? "/_shutdown" : "/schedule/:id",
                .access = api::Access::open,
                .handler = [this, work, is_open](api::Context& context) { return identified(context, work, is_open); },
                .style = text_problem,
                .json_only = false,
                .parses_body = false});
}

void SchedulesApi::add_routes(api::Router& router) {
    add(router, "PUT", &SchedulesApi::put, false);
    add(router, "DELETE", &SchedulesApi::remove, false);
    if (options_.shutdown) add(router, "*", &SchedulesApi::shut_down, false);
}

void SchedulesApi::add_dedicated_routes(api::Router& router) {
    add(router, "PUT", &SchedulesApi::put, true);
    add(router, "DELETE", &SchedulesApi::remove, true);
    if (options_.shutdown) add(router, "*", &SchedulesApi::shut_down, false);
    router.style_errors("/", text_problem);
    router.add({.method = "GET",
                .pattern = "/",
                .access = api::Access::open,
                .handler = [](api::Context&) -> Async<net::HttpReply> { co_return plain(200, "All set!"); },
                .json_only = false,
                .parses_body = false});
}

}  // namespace punkt::tiktak

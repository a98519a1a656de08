// GET of tasks and executions: one, lists, and one execution in full.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/reply.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/label_rules.h"
#include "rooms/tasks/task_json.h"
#include "store/execution_store.h"
#include "store/task_list.h"
#include "store/task_store.h"

namespace punkt::tasks {
namespace {

constexpr const char* bad_cursor = "is invalid (take it from the next_cursor of the page before)";
constexpr std::string_view execution_statuses =
    "pending, running, success, failed, timeout, missed, cancelled, expired";

/// A page begins after the object whose id the caller sends back; ids carry a tag, so a made-up cursor is refused.
Id read_cursor(api::FieldReader& fields, const PublicIds& ids, IdKind kind) {
    const auto text = fields.string("cursor");
    if (!text) return 0;
    const auto id = ids.parse(kind, *text);
    if (!id) fields.wrong("cursor", bad_cursor);
    return id.value_or(0);
}

template <class Value, class FromWord>
void read_filter(api::FieldReader& fields, std::string_view name, std::optional<Value>& into, FromWord from_word,
                 std::string_view known) {
    const auto text = fields.string(name);
    if (!text) return;
    into = from_word(*text);
    if (!into) fields.wrong(name, "is invalid ('" + *text + "' is not one of " + std::string(known) + ")");
}

Result<store::TaskQuery> task_query(const api::Context& context, const PublicIds& ids) {
    const Page page = page_of(context);
    api::FieldReader fields = context.fields();
    store::TaskQuery query{
        .limit = page.limit, .offset = page.offset, .cursor = read_cursor(fields, ids, IdKind::task)};
    if (query.cursor != 0 || fields.string("order") == "newest") query.order = store::TaskQuery::Order::newest;
    if (const auto queue = fields.string("queue")) query.queue = *queue == "none" ? "" : *queue;
    read_filter(fields, "type", query.kind, task_kind_from, "cron, once");
    read_filter(fields, "status", query.state, store::task_state_from,
                "active, paused, pending, success, failed, timeout, missed, cancelled, expired");
    read_filter(fields, "purpose", query.purpose, purpose_from, "callback, on_failure, on_recovery, notice, event");
    if (query.purpose == Purpose::user) query.purpose.reset();
    query.system_only = query.purpose || fields.boolean("system").value_or(false);
    query.name_part = fields.string("name~").value_or("");
    query.labels = wanted_labels(context);
    if (!fields.is_clean()) return fields.error();
    return query;
}

Async<net::HttpReply> list_tasks(const Services& services, api::Context& context) {
    const auto query = task_query(context, services.public_ids);
    if (!query) co_return api::problem(query.error());
    const auto page = co_await services.readers.read<store::TaskPage>(
        [organization = context.caller.organization, query = *query](db::Connection& connection) {
            return store::list_tasks(connection, organization, query);
        });
    if (!page) co_return api::problem(page.error());
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const Task& task : page->tasks) write_task(writer, task, services.public_ids);
    writer.end_array().key("has_more").boolean(page->has_more);
    if (page->is_newest_instead) writer.key("order").string("newest");
    writer.key("limit").integer(query->limit).key("offset").integer(query->offset).key("next_cursor");
    const bool has_cursor = page->has_more && page->cursor != 0;
    has_cursor ? writer.string(services.public_ids.uuid(IdKind::task, page->cursor)) : writer.null();
    writer.end_object();
    co_return net::HttpReply{.body = writer.take()};
}

Async<net::HttpReply> get_task(const Services& services, api::Context& context) {
    const auto task = co_await find_task(services, context);
    if (!task) co_return api::problem(task.error());
    co_return api::data(200, [&](json::Writer& writer) { write_task(writer, *task, services.public_ids); });
}

Async<net::HttpReply> task_executions(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, IdKind::task, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    const Page page = page_of(context);
    api::FieldReader fields = context.fields();
    store::ExecutionQuery query{.limit = page.limit,
                                .offset = page.offset,
                                .cursor = read_cursor(fields, services.public_ids, IdKind::execution)};
    read_filter(fields, "status", query.status, status_from, execution_statuses);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    // The store knows what waits; that it is out knows the engine.
    const std::optional<Status> wanted = query.status;
    if (wanted == Status::running) query.status = Status::pending;
    const auto found = co_await services.readers.read<store::ExecutionPage>(
        [organization = context.caller.organization, task = *id,
         query](db::Connection& connection) -> Result<store::ExecutionPage> {
            auto known = store::find_task(connection, organization, task);
            if (!known) return known.error();
            if (!*known) return api::not_found();
            return store::list_executions(connection, organization, task, query);
        });
    if (!found) co_return api::problem(found.error());
    const std::vector<Id> running = co_await running_of(services.engine, *id);
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (Execution execution : found->executions) {
        if (std::find(running.begin(), running.end(), execution.id) != running.end())
            execution.status = Status::running;
        if (!wanted || execution.status == *wanted) write_execution(writer, execution, services.public_ids);
    }
    writer.end_array().key("has_more").boolean(found->has_more).key("next_cursor");
    const bool has_cursor = found->has_more && found->cursor != 0;
    has_cursor ? writer.string(services.public_ids.uuid(IdKind::execution, found->cursor)) : writer.null();
    writer.end_object();
    co_return net::HttpReply{.body = writer.take()};
}

/// What an execution's page needs, read in one go.
struct Full {
    std::optional<Timer> timer;
    std::optional<Execution> execution;
    std::optional<Task> task;  // the version that was sent
    std::vector<store::FollowUp> follow_ups;
};

Result<Full> read_full(db::Connection& connection, Id organization, Id id) {
    Full full;
    auto execution = store::find_execution(connection, organization, id);
    if (!execution) return execution.error();
    full.execution = std::move(*execution);
    if (!full.execution) {
        auto timer = store::find_timer(connection, organization, id);
        if (!timer) return timer.error();
        full.timer = *timer;
        if (!full.timer) return api::not_found();
        return full;
    }
    auto task = store::find_task_version(connection, organization, full.execution->task, full.execution->task_version);
    if (!task) return task.error();
    full.task = std::move(*task);
    auto follow_ups = store::list_follow_ups(connection, organization, id);
    if (!follow_ups) return follow_ups.error();
    full.follow_ups = std::move(*follow_ups);
    return full;
}

Async<net::HttpReply> get_execution(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, IdKind::execution, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    const auto full = co_await services.readers.read<Full>(
        [organization = context.caller.organization, id = *id](db::Connection& connection) {
            return read_full(connection, organization, id);
        });
    if (!full) co_return api::problem(full.error());
    if (full->execution)
        co_return api::data(200, [&](json::Writer& writer) {
            write_execution_in_full(writer, *full->execution, full->task ? &*full->task : nullptr, full->follow_ups,
                                    services.public_ids);
        });
    const std::vector<Id> running = co_await running_of(services.engine, full->timer->task);
    const bool is_running = std::find(running.begin(), running.end(), *id) != running.end();
    co_return api::data(
        200, [&](json::Writer& writer) { write_timer(writer, *full->timer, is_running, services.public_ids); });
}

/// "1795215756498.<uuid>": where a page of an organization's executions ended.
std::string cursor_text(const store::FinishedCursor& cursor, const PublicIds& ids) {
    return fmt::format("{}.{}", to_ms(cursor.finished_at), ids.uuid(IdKind::execution, cursor.id));
}

std::optional<store::FinishedCursor> read_finished_cursor(api::FieldReader& fields, const PublicIds& ids) {
    const auto text = fields.string("cursor");
    if (!text) return std::nullopt;
    std::int64_t ms = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), ms);
    const bool has_time = problem == std::errc{} && end != text->data() + text->size() && *end == '.';
    const auto id = has_time ? ids.parse(IdKind::execution, std::string_view(end + 1)) : std::nullopt;
    if (!id) fields.wrong("cursor", bad_cursor);
    return id ? std::optional(store::FinishedCursor{from_ms(ms), *id}) : std::nullopt;
}

/// Which of `timers` are out now; only what is due can be.
Async<std::vector<Id>> running_among(const Services& services, std::vector<Timer> timers, Timestamp now) {
    std::vector<Id> asked, running;
    for (const Timer& timer : timers) {
        if (timer.due > now || std::find(asked.begin(), asked.end(), timer.task) != asked.end()) continue;
        asked.push_back(timer.task);
        const auto of_task = co_await running_of(services.engine, timer.task);
        running.insert(running.end(), of_task.begin(), of_task.end());
    }
    co_return running;
}

/// What waits, or what is out, the next due first; without a cursor, because it moves.
Async<net::HttpReply> list_pending(const Services& services, api::Context& context, bool running_only) {
    const Page page = page_of(context);
    auto found = co_await services.readers.read<std::vector<Timer>>(
        [organization = context.caller.organization, page](db::Connection& connection) {
            return store::list_pending(connection, organization, page.limit + 1, page.offset);
        });
    if (!found) co_return api::problem(found.error());
    const bool has_more = static_cast<int>(found->size()) > page.limit;
    if (has_more) found->pop_back();
    const auto running = co_await running_among(services, *found, context.now);
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const Timer& timer : *found) {
        const bool is_running = std::find(running.begin(), running.end(), timer.id) != running.end();
        if (is_running == running_only) write_timer(writer, timer, is_running, services.public_ids);
    }
    writer.end_array().key("has_more").boolean(has_more).key("next_cursor").null().end_object();
    co_return net::HttpReply{.body = writer.take()};
}

/// Executions of the organization: finished ones, the last finished first, or those that wait or are out.
Async<net::HttpReply> list_executions(const Services& services, api::Context& context) {
    const Page page = page_of(context);
    api::FieldReader fields = context.fields();
    std::optional<Status> status;
    read_filter(fields, "status", status, status_from, execution_statuses);
    if (status == Status::pending || status == Status::running)
        co_return co_await list_pending(services, context, status == Status::running);
    const auto before = read_finished_cursor(fields, services.public_ids);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const std::vector<Status> statuses = status ? std::vector{*status} : std::vector<Status>{};
    const auto found = co_await services.readers.read<store::FinishedPage>(
        [organization = context.caller.organization, statuses, page, before](db::Connection& connection) {
            return store::list_finished(connection, organization, statuses, page.limit, before);
        });
    if (!found) co_return api::problem(found.error());
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const Execution& execution : found->executions) write_execution(writer, execution, services.public_ids);
    writer.end_array().key("has_more").boolean(found->next.has_value()).key("next_cursor");
    found->next ? writer.string(cursor_text(*found->next, services.public_ids)) : writer.null();
    writer.end_object();
    co_return net::HttpReply{.body = writer.take()};
}

}  // namespace

Async<Result<Task>> find_task(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, IdKind::task, context.path_value("id"));
    if (!id) co_return id.error();
    co_return co_await services.readers.read<Task>(
        [organization = context.caller.organization, id = *id](db::Connection& connection) -> Result<Task> {
            auto task = store::find_task(connection, organization, id);
            if (!task) return task.error();
            if (!*task) return api::not_found();
            return std::move(**task);
        });
}

void add_read_routes(api::Router& router, const Services& services) {
    const auto get = [&](const char* pattern, auto handler) {
        router.add({.method = "GET", .pattern = pattern, .handler = [services, handler](api::Context& context) {
                        return handler(services, context);
                    }});
    };
    get("/api/v1/tasks", list_tasks);
    get("/api/v1/tasks/:id", get_task);
    get("/api/v1/tasks/:id/executions", task_executions);
    get("/api/v1/executions", list_executions);
    get("/api/v1/executions/:id", get_execution);
}

}  // namespace punkt::tasks

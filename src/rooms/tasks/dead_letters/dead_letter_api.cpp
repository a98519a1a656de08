// Dead letters: GET groups and runs, POST redrive (many, or one with changes) and dismiss. Bounded by redrive_max for
// each call; the answer says how many remain.

#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/dead_letters/selection.h"
#include "rooms/tasks/handlers.h"
#include "store/task_store.h"
#include "store/task_writes.h"

namespace punkt::tasks {
namespace {

using store::DeadLetterRow;

void write_code(json::Writer& writer, const std::optional<int>& code) {
    writer.key("status_code");
    code ? writer.integer(*code) : writer.null();
}

void write_ids(json::Writer& writer, const std::vector<Id>& executions, const PublicIds& ids) {
    writer.begin_array();
    for (const Id id : executions) writer.string(ids.uuid(IdKind::execution, id));
    writer.end_array();
}

Async<net::HttpReply> groups(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const auto filter = read_dead_letter_filter(fields, services.public_ids);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const auto found = co_await services.readers.read<store::DeadLetterGroups>(
        [organization = context.caller.organization, filter](db::Connection& connection) {
            return store::group_dead_letters(connection, organization, filter);
        });
    if (!found) co_return api::problem(found.error());
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const auto& group : found->groups) {
        writer.begin_object().key("host").string(group.host).key("status").string(word(group.status));
        write_code(writer, group.status_code);
        writer.key("error").string(group.error).key("count").integer(group.count);
        writer.key("first_seen").string(to_text_ms(group.first_seen));
        writer.key("last_seen").string(to_text_ms(group.last_seen));
        write_ids(writer.key("samples"), group.samples, services.public_ids);
        writer.end_object();
    }
    writer.end_array().key("examined").integer(found->examined);
    writer.key("is_complete").boolean(found->is_complete).end_object();
    co_return net::HttpReply{.body = writer.take()};
}

void write_row(json::Writer& writer, const DeadLetterRow& row, const PublicIds& ids) {
    writer.begin_object().key("execution_id").string(ids.uuid(IdKind::execution, row.execution));
    writer.key("task_id").string(ids.uuid(IdKind::task, row.task)).key("purpose").string(word(row.purpose));
    writer.key("host").string(row.host).key("status").string(word(row.status));
    write_code(writer, row.status_code);
    writer.key("error").string(row.error).key("attempt").integer(row.attempt);
    writer.key("finished_at").string(to_text_ms(row.finished_at)).end_object();
}

Async<net::HttpReply> runs(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const auto filter = read_dead_letter_filter(fields, services.public_ids);
    Id before = 0;
    if (const auto cursor = fields.string("cursor")) {
        const auto id = services.public_ids.parse(IdKind::execution, *cursor);
        if (!id) fields.wrong("cursor", "is invalid (take it from the next_cursor of the page before)");
        before = id.value_or(0);
    }
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const int limit = page_of(context).limit;
    auto found = co_await services.readers.read<std::vector<DeadLetterRow>>(
        [organization = context.caller.organization, filter, limit, before](db::Connection& connection) {
            return store::list_dead_letters(connection, organization, filter, limit + 1, before);
        });
    if (!found) co_return api::problem(found.error());
    const bool has_more = static_cast<int>(found->size()) > limit;
    if (has_more) found->pop_back();
    json::Writer writer;
    writer.begin_object().key("data").begin_array();
    for (const DeadLetterRow& row : *found) write_row(writer, row, services.public_ids);
    writer.end_array().key("has_more").boolean(has_more).key("next_cursor");
    has_more ? writer.string(services.public_ids.uuid(IdKind::execution, found->back().execution)) : writer.null();
    writer.end_object();
    co_return net::HttpReply{.body = writer.take()};
}

/// The executions that a selection means, and how many more fit its filter.
struct Chosen {
    std::vector<Id> executions;
    std::int64_t remaining = 0;
};

Async<Result<Chosen>> choose(const Services& services, Id organization, Selection selection) {
    if (!selection.executions.empty()) co_return Chosen{.executions = std::move(selection.executions)};
    co_return co_await services.readers.read<Chosen>(
        [organization, selection = std::move(selection)](db::Connection& connection) -> Result<Chosen> {
            auto count = store::count_dead_letters(connection, organization, selection.filter);
            if (!count) return count.error();
            auto rows = store::list_dead_letters(connection, organization, selection.filter, selection.limit);
            if (!rows) return rows.error();
            Chosen chosen{.remaining = *count - static_cast<std::int64_t>(rows->size())};
            for (const DeadLetterRow& row : *rows) chosen.executions.push_back(row.execution);
            return chosen;
        });
}

using Outcome = store::RedriveDeadLetters::Outcome;

/// Without an entry when nothing came of it.
std::vector<AuditEntry> counted_entries(const AuditEntry& by, std::size_t runs) {
    if (runs == 0) return {};
    AuditEntry entry = by;
    entry.metadata.emplace_back("runs", fmt::format("{}", runs));
    return {std::move(entry)};
}

/// `answer` is asked as api::commit says.
Async<Result<void>> redrive_all(const Services& services, api::Context& context, std::vector<Id> executions,
                                AuditEntry by, Outcome& outcome, std::function<net::HttpReply()> answer) {
    std::vector<std::pair<Id, Id>> new_runs;
    for (const Id execution : executions) new_runs.emplace_back(execution, services.ids.next(context.now));
    co_return co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = std::make_unique<store::RedriveDeadLetters>(context.caller.organization, std::move(new_runs),
                                                                     context.now, outcome, std::move(done));
            return store::audited(std::move(write),
                                  [&outcome, by] { return counted_entries(by, outcome.redriven.size()); });
        },
        std::move(answer));
}

net::HttpReply redriven(const Outcome& outcome, std::int64_t remaining, const PublicIds& ids) {
    return api::data(200, [&](json::Writer& writer) {
        writer.begin_object().key("redriven").integer(static_cast<std::int64_t>(outcome.redriven.size()));
        writer.key("remaining").integer(remaining).key("runs").begin_array();
        for (const auto& [execution, run] : outcome.redriven) {
            writer.begin_object().key("execution_id").string(ids.uuid(IdKind::execution, execution));
            writer.key("new_execution_id").string(ids.uuid(IdKind::execution, run)).end_object();
        }
        writer.end_array();
        write_ids(writer.key("unknown"), outcome.unknown, ids);
        write_ids(writer.key("without_task"), outcome.without_task, ids);
        writer.end_object();
    });
}

Async<net::HttpReply> redrive_many(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    auto selection = read_selection(fields, services.public_ids);
    if (!selection) co_return api::problem(selection.error());
    auto chosen = co_await choose(services, context.caller.organization, std::move(*selection));
    if (!chosen) co_return api::problem(chosen.error());
    Outcome outcome;
    const auto answer = [&] { return redriven(outcome, chosen->remaining, services.public_ids); };
    const auto done = co_await redrive_all(services, context, std::move(chosen->executions),
                                           api::audit_entry(context, "redriven", "dead_letters", ""), outcome, answer);
    co_return done ? answer() : api::problem(done.error());
}

net::HttpReply accepted(const Services& services, Id task, Id execution) {
    return api::data(
        202,
        [&](json::Writer& writer) {
            writer.begin_object().key("task_id").string(services.public_ids.uuid(IdKind::task, task));
            writer.key("execution_id").string(services.public_ids.uuid(IdKind::execution, execution));
            writer.key("status").string("pending").end_object();
        },
        "Redriven");
}

/// A new task made from the one that was sent, with the changes of the request, in place of the dead letter.
class InsertEdited final : public store::InsertTasks {
  public:
    InsertEdited(const TaskPtr& task, Id letter, store::Done done)
        : InsertTasks(store::NewTask{task, first_timer(*task)}, std::move(done)),
          organization_(task->organization),
          letter_(letter) {}
    Result<void> apply(db::Connection& connection) override {
        auto removed = store::remove_dead_letter(connection, organization_, letter_);
        if (!removed) return removed.error();
        if (!*removed) return api::not_found();
        return InsertTasks::apply(connection);
    }
    bool is_hot() const override { return false; }

  private:
    Id organization_;
    Id letter_;
};

struct Sent {
    DeadLetterRow letter;
    Task task;  // as it was sent
};

Async<Result<Sent>> find_sent(const Services& services, Id organization, Id execution) {
    co_return co_await services.readers.read<Sent>([organization,
                                                    execution](db::Connection& connection) -> Result<Sent> {
        auto letter = store::find_dead_letter(connection, organization, execution);
        if (!letter) return letter.error();
        if (!*letter) return api::not_found();
        auto version = db::query_number(connection, "SELECT task_version FROM execution WHERE id = $1", {execution});
        if (!version) return version.error();
        auto task = store::find_task_version(connection, organization, (*letter)->task, static_cast<int>(*version));
        if (!task) return task.error();
        if (!*task) return api::not_found();
        return Sent{std::move(**letter), std::move(**task)};
    });
}

/// What a single run leaves behind of the task that it was a run of.
Task one_run_of(const Task& sent, const Services& services, Id execution, Timestamp now) {
    Task task = sent;
    task.id = services.ids.next(now);
    task.kind = TaskKind::once;
    task.cron.clear();
    task.key.clear();
    task.enabled = true;
    task.deleted_at.reset();
    task.expires_at.reset();
    task.scheduled_at = task.created_at = now;
    task.parent = execution;
    return task;
}

AuditEntry letter_entry(const Services& services, const api::Context& context, Id execution) {
    return api::audit_entry(context, "redriven", "execution", services.public_ids.uuid(IdKind::execution, execution));
}

Async<net::HttpReply> redrive_edited(const Services& services, api::Context& context, Id execution) {
    const auto sent = co_await find_sent(services, context.caller.organization, execution);
    if (!sent) co_return api::problem(sent.error());
    api::FieldReader fields = context.fields("task");
    auto edited = updated_task(one_run_of(sent->task, services, execution, context.now), fields,
                               services.rules.of(context.caller.organization), context.now);
    if (!edited) co_return api::problem(edited.error());
    edited->version = 1;
    const auto task = std::make_shared<const Task>(std::move(*edited));
    auto entry = letter_entry(services, context, execution);
    entry.metadata.emplace_back("task_id", services.public_ids.uuid(IdKind::task, task->id));
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(std::make_unique<InsertEdited>(task, execution, std::move(done)), {std::move(entry)});
        },
        [&] { return accepted(services, task->id, task->id); });
}

/// Without a body the task runs again; with one, a copy of it that has those fields.
Async<net::HttpReply> redrive_one(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, IdKind::execution, context.path_value("id"));
    if (!id) co_return api::problem(id.error());
    const bool is_edited = context.body && !context.body->root().members().empty();
    if (is_edited) co_return co_await redrive_edited(services, context, *id);
    const Id organization = context.caller.organization;
    const auto sent = co_await find_sent(services, organization, *id);
    if (!sent) co_return api::problem(sent.error());
    Outcome outcome;
    const auto answer = [&] {
        return outcome.redriven.empty() ? api::problem(api::not_found())
                                        : accepted(services, sent->letter.task, outcome.redriven.front().second);
    };
    const auto done = co_await redrive_all(services, context, std::vector{*id}, letter_entry(services, context, *id),
                                           outcome, answer);
    co_return done ? answer() : api::problem(done.error());
}

Result<std::int64_t> remove_all(db::Connection& connection, Id organization, const std::vector<Id>& executions) {
    std::int64_t removed = 0;
    for (const Id execution : executions) {
        auto one = store::remove_dead_letter(connection, organization, execution);
        if (!one) return one.error();
        removed += *one ? 1 : 0;
    }
    return removed;
}

Async<net::HttpReply> dismiss(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    auto selection = read_selection(fields, services.public_ids);
    if (!selection) co_return api::problem(selection.error());
    const Id organization = context.caller.organization;
    auto chosen = co_await choose(services, organization, std::move(*selection));
    if (!chosen) co_return api::problem(chosen.error());
    std::int64_t dismissed = 0;
    const auto by = api::audit_entry(context, "dismissed", "dead_letters", "");
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [&](db::Connection& connection) -> Result<void> {
                    auto removed = remove_all(connection, organization, chosen->executions);
                    if (!removed) return removed.error();
                    dismissed = *removed;
                    return {};
                },
                std::move(done));
            return store::audited(std::move(write),
                                  [&] { return counted_entries(by, static_cast<std::size_t>(dismissed)); });
        },
        [&] {
            return api::data(200, [&](json::Writer& writer) {
                writer.begin_object().key("dismissed").integer(dismissed);
                writer.key("remaining").integer(chosen->remaining).end_object();
            });
        });
}

}  // namespace

void add_dead_letter_routes(api::Router& router, const Services& services) {
    const auto add = api::adding_to(router, services);
    add("GET", "/api/v1/dead-letters", groups);
    add("GET", "/api/v1/dead-letters/runs", runs);
    add("POST", "/api/v1/dead-letters/redrive", redrive_many);
    add("POST", "/api/v1/dead-letters/dismiss", dismiss);
    add("POST", "/api/v1/dead-letters/:id/redrive", redrive_one);
}

}  // namespace punkt::tasks

// /api/v1/bulk: count, confirm, look, abort.

#include <fmt/format.h>

#include <algorithm>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "rooms/tasks/bulk/bulk_request.h"
#include "rooms/tasks/bulk/bulk_store.h"
#include "rooms/tasks/handlers.h"

namespace punkt::tasks {
namespace {

/// The members of a job, without the surrounding object.
void write_job(json::Writer& writer, const BulkJob& job, const PublicIds& ids) {
    writer.key("id").string(ids.uuid(bulk_id, job.id)).key("status").string(word(job.status));
    if (const auto request = json::Document::parse(job.request))
        for (const auto& [name, value] : request->root().members()) value.write_to(writer.key(name));
    writer.key("matched").integer(job.matched).key("changed").integer(job.changed);
    writer.key("skipped").integer(job.skipped).key("error");
    job.error.empty() ? writer.null() : writer.string(job.error);
    writer.key("inserted_at").string(to_text_ms(job.created_at));
    writer.key("updated_at").string(to_text_ms(job.updated_at));
}

net::HttpReply shown(int status, const BulkJob& job, const PublicIds& ids, std::string_view message = {}) {
    return api::data(
        status,
        [&](json::Writer& writer) {
            write_job(writer.begin_object(), job, ids);
            writer.end_object();
        },
        message);
}

struct Counted {
    BulkCount count;
    Id last_task = 0;
    std::int64_t open = 0;
};

Async<Result<Counted>> count(const Services& services, Id organization, BulkFilter filter, Timestamp now) {
    co_return co_await services.readers.read<Counted>(
        [organization, filter, now](db::Connection& connection) -> Result<Counted> {
            Counted counted;
            auto open = count_open_bulk_jobs(connection, organization, now);
            if (!open) return open.error();
            counted.open = *open;
            auto last = greatest_task(connection, organization);
            if (!last) return last.error();
            counted.last_task = *last;
            auto matched = count_matches(connection, organization, filter, *last);
            if (!matched) return matched.error();
            counted.count = std::move(*matched);
            return counted;
        });
}

/// One entry stands for all that the job does to its tasks.
AuditEntry bulk_entry(const Services& services, const api::Context& context, std::string_view action,
                      const BulkJob& job) {
    AuditEntry entry = api::audit_entry(context, action, "bulk_job", services.public_ids.uuid(bulk_id, job.id));
    entry.changes = audit_changes("", job.request);
    entry.metadata.emplace_back("matched", fmt::format("{}", job.matched));
    return entry;
}

net::HttpReply created(const BulkJob& job, const std::vector<Task>& sample, const PublicIds& ids) {
    return api::data(
        201,
        [&](json::Writer& writer) {
            write_job(writer.begin_object(), job, ids);
            writer.key("sample").begin_array();
            for (const Task& task : sample) {
                writer.begin_object().key("id").string(ids.uuid(IdKind::task, task.id)).key("name").string(task.name);
                writer.key("url").string(task.url).end_object();
            }
            writer.end_array().end_object();
        },
        fmt::format("{} tasks match; nothing is changed before POST /api/v1/bulk/{}/confirm", job.matched,
                    ids.uuid(bulk_id, job.id)));
}

Async<net::HttpReply> create(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const auto request = read_bulk_request(fields, context.now);
    if (!request) co_return api::problem(request.error());
    const Id organization = context.caller.organization;
    const auto counted = co_await count(services, organization, request->filter, context.now);
    if (!counted) co_return api::problem(counted.error());
    if (counted->open >= bulk_jobs_open_max)
        co_return api::problem(Error{
            ErrorKind::invalid, fmt::format("{} bulk jobs wait or run already; confirm or abort one", counted->open),
            "limit_exceeded"});
    const BulkJob job{.id = services.ids.next(context.now),
                      .organization = organization,
                      .request = bulk_request_text(*request),
                      .matched = counted->count.matched,
                      .last_task = counted->last_task,
                      .created_at = context.now,
                      .updated_at = context.now};
    auto entry = bulk_entry(services, context, "created", job);
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [job](db::Connection& connection) { return insert_bulk_job(connection, job); }, std::move(done));
            return store::audited(std::move(write), {std::move(entry)});
        },
        [&] { return created(job, counted->count.sample, services.public_ids); });
}

Async<Result<BulkJob>> find(const Services& services, api::Context& context) {
    const auto id = id_from_path(services.public_ids, bulk_id, context.path_value("id"));
    if (!id) co_return id.error();
    co_return co_await services.readers.read<BulkJob>(
        [organization = context.caller.organization, id = *id](db::Connection& connection) -> Result<BulkJob> {
            auto job = find_bulk_job(connection, organization, id);
            if (!job) return job.error();
            if (!*job) return api::not_found();
            return std::move(**job);
        });
}

Async<net::HttpReply> get(const Services& services, api::Context& context) {
    const auto job = co_await find(services, context);
    co_return job ? shown(200, *job, services.public_ids) : api::problem(job.error());
}

Async<net::HttpReply> list(const Services& services, api::Context& context) {
    const auto jobs = co_await services.readers.read<std::vector<BulkJob>>(
        [organization = context.caller.organization](db::Connection& connection) {
            return list_bulk_jobs(connection, organization, limits::page_default);
        });
    if (!jobs) co_return api::problem(jobs.error());
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (const BulkJob& job : *jobs) {
            write_job(writer.begin_object(), job, services.public_ids);
            writer.end_object();
        }
        writer.end_array();
    });
}

/// `job` becomes what is stored then: it may have gone on meanwhile.
Result<void> change_status(db::Connection& connection, BulkJob& job, BulkStatus from, BulkStatus to, Timestamp now) {
    if (auto done = set_bulk_status(connection, job.id, from, to, now); !done) return done;
    auto stored = find_bulk_job(connection, job.organization, job.id);
    if (!stored) return stored.error();
    if (*stored) job = std::move(**stored);
    return {};
}

/// From one of `from` to `to`, if it is in one of them when that is written.
Async<net::HttpReply> change(const Services& services, api::Context& context, std::vector<BulkStatus> from,
                             BulkStatus to, int status, std::string_view message) {
    auto job = co_await find(services, context);
    if (!job) co_return api::problem(job.error());
    const auto wrong_state = [&](BulkStatus found) {
        return api::problem(Error{ErrorKind::conflict, fmt::format("the bulk job is {}", word(found)), "wrong_state"});
    };
    if (std::find(from.begin(), from.end(), job->status) == from.end()) co_return wrong_state(job->status);
    if (to == BulkStatus::running && job->created_at + bulk_confirm_within < context.now)
        co_return api::problem(
            Error{ErrorKind::conflict, "it was counted more than an hour ago: count again", "too_old"});
    auto entry = bulk_entry(services, context, to == BulkStatus::running ? "confirmed" : "aborted", *job);
    BulkJob changed = *job;
    const auto answer = [&] { return shown(status, changed, services.public_ids, message); };
    const auto committed = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [&, was = job->status](db::Connection& connection) {
                    return change_status(connection, changed, was, to, context.now);
                },
                std::move(done));
            return store::audited(std::move(write), {std::move(entry)});
        },
        answer);
    if (!committed && committed.error().kind == ErrorKind::conflict) {
        job = co_await find(services, context);
        co_return job ? wrong_state(job->status) : api::problem(job.error());
    }
    co_return committed ? answer() : api::problem(committed.error());
}

Async<net::HttpReply> confirm(const Services& services, api::Context& context) {
    return change(services, context, {BulkStatus::waiting}, BulkStatus::running, 202, "Bulk job started");
}

Async<net::HttpReply> abort(const Services& services, api::Context& context) {
    return change(services, context, {BulkStatus::waiting, BulkStatus::running}, BulkStatus::aborted, 200,
                  "Bulk job aborted; what it has changed stays changed");
}

}  // namespace

void add_bulk_routes(api::Router& router, const Services& services) {
    const auto add = api::adding_to(router, services);
    add("POST", "/api/v1/bulk", create);
    add("GET", "/api/v1/bulk", list);
    add("GET", "/api/v1/bulk/:id", get);
    add("POST", "/api/v1/bulk/:id/confirm", confirm);
    add("POST", "/api/v1/bulk/:id/abort", abort);
}

}  // namespace punkt::tasks

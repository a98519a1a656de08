#include "facades/qron_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/commit.h"
#include "core/arming.h"
#include "facades/qron_job.h"
#include "facades/qron_problem.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/trace_rules.h"
#include "store/execution_store.h"
#include "store/task_store.h"
#include "store/task_writes.h"

namespace punkt::qron {
namespace {

/// A task and the number it is known by.
class InsertJob final : public store::InsertTasks {
  public:
    InsertJob(store::NewTask task, std::string data, std::int64_t& seq, store::Done done)
        : store::InsertTasks(task, std::move(done)), task_(task.task), data_(std::move(data)), seq_(seq) {}

    Result<void> apply(db::Connection& connection) override {
        if (auto inserted = store::InsertTasks::apply(connection); !inserted) return inserted;
        return connection.query(
            "INSERT INTO qron_job (organization, task, created_at, data) VALUES ($1, $2, $3, $4) RETURNING seq",
            {task_->organization, task_->id, task_->created_at, data_},
            [this](const db::Row& row) { seq_ = row.integer(0); });
    }

  private:
    TaskPtr task_;
    std::string data_;
    std::int64_t& seq_;
};

struct JobRow {
    Id organization = 0;
    Id task = 0;
    Timestamp created_at{};
    std::string data;
};

Result<std::optional<JobRow>> find_job(db::Connection& connection, std::int64_t seq) {
    std::optional<JobRow> job;
    auto read = connection.query("SELECT organization, task, created_at, data FROM qron_job WHERE seq = $1", {seq},
                                 [&](const db::Row& row) {
                                     job = JobRow{row.integer(0), row.integer(1), row.timestamp(2), row.string(3)};
                                 });
    if (!read) return read.error();
    return job;
}

Error unknown_job(std::string_view id) { return {ErrorKind::not_found, fmt::format("Job with ID {} not found", id)}; }

/// Everything GET shows, as far as the database knows it.
Result<View> read_view(db::Connection& connection, const api::Caller& caller, std::int64_t seq,
                       Timestamp forgotten_before) {
    auto job = find_job(connection, seq);
    if (!job) return job.error();
    // A key sees its own organization's jobs, the master key all (qron.md §4).
    if (!*job || ((*job)->organization != caller.organization && !caller.is_master))
        return unknown_job(fmt::format("{}", seq));
    const Id organization = (*job)->organization;
    View view{.seq = seq, .created_at = (*job)->created_at, .data = std::move((*job)->data)};
    auto task = store::find_task(connection, organization, (*job)->task);
    if (!task) return task.error();
    if (!*task) return unknown_job(fmt::format("{}", seq));
    view.timeout = (*task)->timeout;
    auto timers = store::timers_of_task(connection, organization, (*job)->task);
    if (!timers) return timers.error();
    if (!timers->empty()) view.timer = timers->front();
    auto page = store::list_executions(connection, organization, (*job)->task, {.limit = limits::page_max});
    if (!page) return page.error();
    for (const Execution& listed : page->executions) {
        if (listed.status == Status::pending) continue;
        auto full = store::find_execution(connection, organization, listed.id);
        if (!full) return full.error();
        if (*full) view.executions.push_back(std::move(**full));
    }
    std::reverse(view.executions.begin(), view.executions.end());
    const bool is_over = !view.timer && !view.executions.empty();
    if (is_over && view.executions.back().finished_at < forgotten_before) return unknown_job(fmt::format("{}", seq));
    return view;
}

}  // namespace

Async<net::HttpReply> JobsApi::schedule(api::Context& context) {
    if (context.request.body.size() > rules_.body_bytes_max)  // contract "Qron's delay": 256 KB unless configured
        co_return problem({ErrorKind::too_large, "request entity too large"});
    const json::Value body = context.body ? context.body->root() : json::Value{};
    auto job = job_from(body, rules_, options_.backoff_is_fixed, context.now);
    if (!job) co_return problem(job.error());
    job->task.id = ids_.next(context.now);
    job->task.organization = context.caller.organization;
    tasks::keep_trace(context.request, job->task);
    const std::string target = std::string(body["targetUrl"].string().value_or(""));
    const auto delay = (*job->task.scheduled_at - job->task.created_at).count();
    const auto task = std::make_shared<const Task>(std::move(job->task));
    std::int64_t seq = 0;
    auto entries = tasks::created_entries(context, *task, public_ids_, options_.audit);
    const auto answer = [&] {
        json::Writer writer;
        writer.begin_object().key("success").boolean(true).key("jobId").string(fmt::format("{}", seq));
        writer.key("message").string(fmt::format("Webhook scheduled for {} in {} ms", target, delay));
        writer.key("taskId").string(public_ids_.uuid(IdKind::task, task->id)).end_object();
        return net::HttpReply{.status = 201, .body = writer.take()};
    };
    const auto committed = co_await api::commit(
        writer_, context,
        [&](store::Done done) {
            auto insert =
                std::make_unique<InsertJob>(store::NewTask{task, first_timer(*task)}, job->data, seq, std::move(done));
            return store::audited(std::move(insert), std::move(entries));
        },
        answer);
    co_return committed ? answer() : problem(committed.error());
}

Async<net::HttpReply> JobsApi::show(api::Context& context) {
    const std::string& id = context.path_value("id");
    std::int64_t seq = 0;
    const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), seq);
    if (failed != std::errc{} || end != id.data() + id.size() || seq < 1) co_return problem(unknown_job(id));
    auto view = co_await readers_.read<View>(
        [caller = context.caller, seq, forgotten = context.now - options_.retention](db::Connection& connection) {
            return read_view(connection, caller, seq, forgotten);
        });
    if (!view) co_return problem(view.error());
    if (view->timer) {
        const std::vector<Id> running = co_await tasks::running_of(engine_, view->timer->task);
        view->is_running = std::find(running.begin(), running.end(), view->timer->id) != running.end();
    }
    co_return net::HttpReply{.body = view_text(*view, context.now)};
}

void JobsApi::add_routes(api::Router& router) {
    router.style_errors("/schedule", problem);
    router.add({.method = "POST",
                .pattern = "/schedule",
                .handler = [this](api::Context& context) { return schedule(context); },
                .style = problem});
    router.add({.method = "GET",
                .pattern = "/schedule/:id",
                .handler = [this](api::Context& context) { return show(context); },
                .style = problem});
}

}  // namespace punkt::qron

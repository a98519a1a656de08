#include "rooms/tasks/bulk/bulk_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/bulk/bulk_request.h"
#include "rooms/tasks/bulk/bulk_store.h"
#include "rooms/tasks/definitions/carry_out.h"
#include "store/execution_store.h"
#include "store/task_edits.h"
#include "store/task_list.h"
#include "store/write_all.h"

namespace punkt::tasks {
namespace {

/// The engine answers within milliseconds, for a schedule at work within two seconds (engine::Hold).
constexpr std::chrono::seconds engine_answers_within{10};
constexpr Milliseconds forget_every{std::chrono::minutes(10)};

void no_word(const Result<void>&) {}

/// Asks the engine about each task and waits for all answers; nothing when they do not come.
template <class Answer, class Ask>
std::optional<std::map<Id, Answer>> ask_for_all(const std::vector<Id>& tasks, Ask ask) {
    struct Gathering {
        std::map<Id, Answer> answers;
        std::size_t missing;
        std::promise<std::map<Id, Answer>> done;
    };
    if (tasks.empty()) return std::map<Id, Answer>{};
    // Shared: the engine may answer after this has given up.
    const auto gathering = std::make_shared<Gathering>(Gathering{{}, tasks.size(), {}});
    auto future = gathering->done.get_future();
    for (const Id task : tasks)
        ask(task, [gathering, task](Answer answer) {  // on the engine's thread, one after the other
            gathering->answers.emplace(task, std::move(answer));
            if (--gathering->missing == 0) gathering->done.set_value(std::move(gathering->answers));
        });
    if (future.wait_for(engine_answers_within) != std::future_status::ready) return std::nullopt;
    return future.get();
}

/// What the audit log says at the end of a job; what began it names who wanted it.
AuditEntry end_entry(const BulkJob& job, const PublicIds& ids) {
    AuditEntry entry{
        .at = job.updated_at,
        .organization = job.organization,
        .actor_name = "bulk jobs",
        .action = job.status == BulkStatus::done ? "completed" : "failed",
        .resource_type = "bulk_job",
        .resource_id = ids.uuid(bulk_id, job.id),
        .metadata = {{"changed", fmt::format("{}", job.changed)}, {"skipped", fmt::format("{}", job.skipped)}}};
    if (!job.error.empty()) entry.metadata.emplace_back("error", job.error);
    return entry;
}

/// Keeps how far it is; its end with what the audit log says of it.
std::unique_ptr<store::Write> progress_of(const BulkJob& job, const PublicIds& ids) {
    auto write = store::make_write([job](db::Connection& connection) { return keep_bulk_progress(connection, job); },
                                   store::Done(no_word));
    if (job.status == BulkStatus::running) return write;
    return store::audited(std::move(write), {end_entry(job, ids)});
}

/// What one step does to one task, if anything.
using Parts = std::vector<std::unique_ptr<store::Write>>;

}  // namespace

struct BulkRunner::Impl {
    Impl(const Services& s, db::Connection r, const Clock& c, BulkRunnerOptions o)
        : services(s), reader(std::move(r)), clock(c), options(o) {}

    Result<bool> step();
    Result<void> carry_out(BulkJob job, const BulkRequest& request, const BulkMatch& match);
    Result<void> write_held(BulkJob job, const BulkRequest& request, const std::vector<Id>& ids);
    Result<bool> add_parts(Parts& parts, const BulkRequest& request, const Task& task, const std::vector<Id>& running,
                           Timestamp now);
    Result<bool> add_retry(Parts& parts, const BulkRequest& request, const Task& task, Timestamp now);
    Result<bool> add_cancel(Parts& parts, const Task& task, const std::vector<Id>& running, Timestamp now);
    bool add_update(Parts& parts, const Task& task, const std::string& fields, const std::vector<Id>& running,
                    Timestamp now);
    Result<bool> waits_for_first_run(const Task& task, const std::vector<Id>& running);
    Result<void> write(std::unique_ptr<store::Write> (*make)(Parts, store::Done), Parts parts);
    void give_up(const BulkJob& job, const Error& error);
    void forget_old();

    const Services services;
    db::Connection reader;
    const Clock& clock;
    const BulkRunnerOptions options;
    int failures = 0;
    Microseconds forget_at{};
};

Result<void> BulkRunner::Impl::write(std::unique_ptr<store::Write> (*make)(Parts, store::Done), Parts parts) {
    std::promise<Result<void>> promise;
    services.writer.submit(make(std::move(parts), [&promise](Result<void> result) { promise.set_value(result); }));
    return promise.get_future().get();
}

namespace {

std::unique_ptr<store::Write> all_of(Parts parts, store::Done done) {
    return std::make_unique<store::WriteAll>(std::move(parts), std::move(done));
}

}  // namespace

Result<bool> BulkRunner::Impl::add_retry(Parts& parts, const BulkRequest& request, const Task& task, Timestamp now) {
    auto timers = store::timers_of_task(reader, task.organization, task.id);
    if (!timers) return timers.error();
    for (const Timer& timer : *timers)
        if (timer.kind == Timer::Kind::run) return false;
    auto last = store::last_run(reader, task.id, task.kind);
    if (!last) return last.error();
    const bool was_lost = *last && ((*last)->status == Status::failed || (*last)->status == Status::timeout);
    if (!was_lost && !request.filter.status) return false;
    parts.push_back(
        std::make_unique<store::ArmTimer>(trigger_timer(task, services.ids.next(now), now), store::Done(no_word)));
    return true;
}

Result<bool> BulkRunner::Impl::add_cancel(Parts& parts, const Task& task, const std::vector<Id>& running,
                                          Timestamp now) {
    auto timers = store::timers_of_task(reader, task.organization, task.id);
    if (!timers) return timers.error();
    const auto before = parts.size();
    for (const Timer& timer : *timers) {
        const bool is_out = std::find(running.begin(), running.end(), timer.id) != running.end();
        if (timer.kind == Timer::Kind::run && !is_out)
            parts.push_back(std::make_unique<store::CancelExecution>(task.organization, timer.id, now, no_word));
    }
    return parts.size() != before;
}

/// False: the rules do not allow it for this task, or nothing would change.
bool BulkRunner::Impl::add_update(Parts& parts, const Task& task, const std::string& fields,
                                  const std::vector<Id>& running, Timestamp now) {
    const auto document = json::Document::parse(fields);
    check(document.has_value(), "a bulk job's own fields are JSON");
    api::FieldReader reading(document->root());
    auto updated = updated_task(task, reading, services.rules.of(task.organization), now);
    if (!updated || (updated->queue == task.queue && updated->scheduled_at == task.scheduled_at)) return false;
    parts.push_back(
        std::make_unique<store::UpdateTask>(store::TaskUpdate{.task = std::make_shared<const Task>(*updated),
                                                              .timer = changed_timer(task, *updated, services.ids, now),
                                                              .running = running},
                                            no_word));
    return true;
}

/// A one-time task whose first run has not begun: only that can be moved without making another one.
Result<bool> BulkRunner::Impl::waits_for_first_run(const Task& task, const std::vector<Id>& running) {
    if (task.kind != TaskKind::once) return false;
    auto timers = store::timers_of_task(reader, task.organization, task.id);
    if (!timers) return timers.error();
    return std::any_of(timers->begin(), timers->end(), [&](const Timer& timer) {
        return timer.kind == Timer::Kind::run && timer.cause == Cause::create && timer.attempt == 1 &&
               std::find(running.begin(), running.end(), timer.id) == running.end();
    });
}

Result<bool> BulkRunner::Impl::add_parts(Parts& parts, const BulkRequest& request, const Task& task,
                                         const std::vector<Id>& running, Timestamp now) {
    switch (request.action) {
        case BulkAction::retry:
            return add_retry(parts, request, task, now);
        case BulkAction::cancel:
            return add_cancel(parts, task, running, now);
        case BulkAction::delete_:
            parts.push_back(
                std::make_unique<store::DeleteTasks>(task.organization, std::vector{task.id}, now, no_word));
            return true;
        case BulkAction::reschedule: {
            auto waits = waits_for_first_run(task, running);
            if (!waits || !*waits) return waits;
            return add_update(parts, task, R"({"scheduled_at":")" + to_text_ms(request.run_at) + "\"}", running, now);
        }
        case BulkAction::move_queue: {
            const std::string queue = request.queue.empty() ? "null" : json::quoted(request.queue);
            return add_update(parts, task, R"({"queue":)" + queue + "}", running, now);
        }
    }
    return false;
}

/// While the engine holds the tasks: looks at each again, and writes all with the progress.
Result<void> BulkRunner::Impl::write_held(BulkJob job, const BulkRequest& request, const std::vector<Id>& ids) {
    std::optional<std::map<Id, engine::Held>> held{std::in_place};
    std::optional<std::map<Id, std::vector<Id>>> running{std::in_place};
    if (request.action != BulkAction::retry) {
        held = ask_for_all<engine::Held>(
            ids, [&](Id task, auto done) { services.engine.hold({.task = task, .done = std::move(done)}); });
        running = ask_for_all<std::vector<Id>>(
            ids, [&](Id task, auto done) { services.engine.ask({.task = task, .done = std::move(done)}); });
    }
    if (!held || !running) return Error{ErrorKind::unavailable, "the engine does not answer"};
    Parts parts;
    for (const Id id : ids) {
        const engine::Held& answer = (*held)[id];
        if (!answer.is_settled) return Error{ErrorKind::unavailable, "a schedule is at work"};
        auto task = store::find_task(reader, job.organization, id);
        if (!task) return task.error();
        const Timestamp now = request.action == BulkAction::retry ? clock.now() : answer.now;
        auto added = *task ? add_parts(parts, request, **task, (*running)[id], now) : Result<bool>(false);
        if (!added) return added.error();
        *added ? ++job.changed : ++job.skipped;
    }
    job.updated_at = clock.now();
    parts.push_back(progress_of(job, services.public_ids));
    return write(all_of, std::move(parts));
}

Result<void> BulkRunner::Impl::carry_out(BulkJob job, const BulkRequest& request, const BulkMatch& match) {
    std::vector<Id> ids;
    for (const Task& task : match.tasks) ids.push_back(task.id);
    job.cursor = match.cursor;
    if (match.is_complete) job.status = BulkStatus::done;
    auto written = write_held(std::move(job), request, ids);
    if (request.action != BulkAction::retry)
        for (const Id id : ids) services.engine.end_hold({.task = id});
    return written;
}

void BulkRunner::Impl::give_up(const BulkJob& job, const Error& error) {
    log::warn("a bulk job ends early: {}", error.message);
    BulkJob failed = job;
    failed.status = BulkStatus::failed;
    failed.error = error.message;
    failed.updated_at = clock.now();
    Parts parts;
    parts.push_back(progress_of(failed, services.public_ids));
    if (auto written = write(all_of, std::move(parts)); !written && written.error().kind != ErrorKind::conflict)
        log::warn("its end could not be written: {}", written.error().message);
}

void BulkRunner::Impl::forget_old() {
    if (clock.elapsed() < forget_at) return;
    forget_at = clock.elapsed() + forget_every;
    Parts parts;
    parts.push_back(store::make_write([before = clock.now() - bulk_jobs_kept](
                                          db::Connection& connection) { return forget_bulk_jobs(connection, before); },
                                      store::Done(no_word)));
    (void)write(all_of, std::move(parts));
}

Result<bool> BulkRunner::Impl::step() {
    auto job = next_bulk_job(reader);
    if (!job) return job.error();
    if (!*job) {
        forget_old();
        return false;
    }
    const auto document = json::Document::parse((*job)->request);
    if (!document) return document.error();
    api::FieldReader fields(document->root());
    const auto request = read_bulk_request(fields, (*job)->created_at);
    auto done = request ? Result<void>() : Result<void>(request.error());
    if (request) {
        auto match = match_tasks(reader, (*job)->organization, request->filter, (*job)->cursor, (*job)->last_task,
                                 options.tasks_per_step, options.examined_per_step);
        done = match ? carry_out(**job, *request, *match) : Result<void>(match.error());
    }
    // A conflict is an abort, or a task that somebody changed at the same moment: the next look shows which.
    if (done) {
        failures = 0;
    } else if (done.error().kind == ErrorKind::conflict) {
        return true;
    } else if (++failures >= options.failures_max) {
        failures = 0;
        give_up(**job, done.error());
    }
    return true;
}

BulkRunner::BulkRunner(const Services& services, db::Connection reader, const Clock& clock, BulkRunnerOptions options)
    : impl_(std::make_unique<Impl>(services, std::move(reader), clock, options)) {}

BulkRunner::~BulkRunner() = default;

bool BulkRunner::step() {
    auto more = impl_->step();
    if (!more) log::warn("bulk jobs cannot be read: {}", more.error().message);
    return more && *more;
}

}  // namespace punkt::tasks

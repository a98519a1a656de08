#include "store/task_list.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "store/execution_store.h"
#include "store/name_index.h"
#include "store/rows.h"
#include "store/task_labels.h"

namespace punkt::store {
namespace {

#define PUNKT_CANDIDATE_COLUMNS "id, kind, enabled, surface, queue, name"

constexpr int small_queue = 10'000;
constexpr int matching_max = 2'000;

TaskList::Candidate read_candidate(const db::Row& row) {
    return {.id = row.integer(0),
            .kind = row.as<TaskKind>(1),
            .enabled = row.flag(2),
            .surface = row.as<Surface>(3),
            .queue = row.string(4),
            .name = row.string(5)};
}

bool runs_later(const TaskList::Candidate& a, const TaskList::Candidate& b) {
    if (a.last.has_value() != b.last.has_value()) return a.last.has_value();
    if (a.last && a.last->at != b.last->at) return a.last->at > b.last->at;
    return a.id > b.id;
}

std::optional<Status> status_of(TaskState state) {
    switch (state) {
        case TaskState::success:
            return Status::success;
        case TaskState::failed:
            return Status::failed;
        case TaskState::timeout:
            return Status::timeout;
        case TaskState::missed:
            return Status::missed;
        case TaskState::cancelled:
            return Status::cancelled;
        case TaskState::expired:
            return Status::expired;
        case TaskState::active:
        case TaskState::paused:
        case TaskState::pending:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

Result<std::optional<LastRun>> last_run(db::Connection& connection, Id task, TaskKind kind) {
    std::optional<LastRun> last;
    const auto take = [&](const db::Row& row) {
        if (!row.is_null(0)) last = LastRun{row.timestamp(0), row.as<Status>(1)};
    };
    Result<void> done;
    if (kind == TaskKind::cron) {
        done = connection.query("SELECT last_execution_at, last_status FROM schedule WHERE task = $1", {task}, take);
    } else {
        done = connection.query(
            "SELECT finished_at, status FROM execution WHERE task = $1 AND id <> task ORDER BY id DESC LIMIT 1", {task},
            take);
        if (done && !last)
            done =
                connection.query("SELECT finished_at, status FROM execution WHERE id = $1 AND task = $1", {task}, take);
    }
    if (!done) return done.error();
    return last;
}

TaskList::TaskList(db::Connection& connection, Id organization, const TaskQuery& query)
    : connection_(connection),
      organization_(organization),
      query_(query),
      name_part_(lower_case(query.name_part)),
      skip_(query.offset) {}

bool TaskList::has_pending_run(Id task) {
    auto timers = timers_of_task(connection_, organization_, task);
    if (!timers) {
        failed_ = timers.error();
        return false;
    }
    return std::any_of(timers->begin(), timers->end(),
                       [](const Timer& timer) { return timer.kind == Timer::Kind::run; });
}

bool TaskList::passes(const Candidate& task) {
    if (query_.queue && task.queue != *query_.queue) return false;
    if (query_.kind && task.kind != *query_.kind) return false;
    if (query_.surface && task.surface != *query_.surface) return false;
    if (!name_part_.empty() && lower_case(task.name).find(name_part_) == std::string::npos) return false;
    for (const auto& label : query_.labels) {
        auto has = has_label(connection_, organization_, label, task.id);
        if (!has) failed_ = has.error();
        if (!has || !*has) return false;
    }
    if (!query_.state) return true;
    switch (*query_.state) {
        case TaskState::active:
            return task.kind == TaskKind::cron && task.enabled;
        case TaskState::paused:
            return !task.enabled;
        case TaskState::pending:
            return has_pending_run(task.id);
        default:
            return task.last && task.last->status == status_of(*query_.state);
    }
}

bool TaskList::examined_enough() {
    if (++examined_ <= rows_examined_max) return false;
    has_more = true;
    return true;
}

bool TaskList::offer(const Candidate& candidate) {
    if (passes(candidate)) {
        if (skip_ > 0) {
            --skip_;
        } else if (static_cast<int>(page.size()) == query_.limit) {
            has_more = true;
            return false;
        } else {
            page.push_back(candidate);
        }
    }
    cursor = candidate.id;
    return true;
}

Result<bool> TaskList::find_matching(Id before) {
    if (query_.system_only || (query_.labels.empty() && name_part_.empty())) return false;
    auto tasks = query_.labels.empty()
                     ? find_by_name(connection_, organization_, name_part_, before, matching_max + 1)
                     : tasks_with_label(connection_, organization_, query_.labels.front(), before, matching_max + 1);
    if (!tasks) return tasks.error();
    matching_ = std::move(*tasks);
    return true;
}

/// The tasks that match, newest first; of very many the newest, then the cursor goes on.
Result<void> TaskList::gather_matching() {
    for (const Id id : matching_) {
        auto task = find_candidate(id);
        if (!failed_) return failed_;
        if (!task || task->surface == Surface::system) continue;
        if (query_.state) {
            auto last = last_run(connection_, id, task->kind);
            if (!last) return last.error();
            task->last = *last;
        }
        if (!offer(*task)) return failed_;
    }
    has_more = matching_.size() > matching_max;
    return failed_;
}

Result<void> TaskList::gather_newest() {
    const Id before = query_.cursor == 0 ? std::numeric_limits<Id>::max() : query_.cursor;
    auto matching = find_matching(before);
    if (!matching) return matching.error();
    if (*matching) return gather_matching();
    const bool needs_last = query_.state && status_of(*query_.state);
    const auto take = [&](const db::Row& row) {
        if (examined_enough()) return false;
        Candidate candidate = read_candidate(row);
        if (needs_last) {
            auto last = last_run(connection_, candidate.id, candidate.kind);
            if (!last) return failed_ = last.error(), false;
            candidate.last = *last;
        }
        return offer(candidate);
    };
    Result<void> done;
    if (query_.system_only) {
        done =
            connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                              ", json_extract(options, '$.purpose') FROM task WHERE organization = $1 AND id < $2 AND "
                              "surface = 3 AND deleted_at IS NULL ORDER BY id DESC",
                              {organization_, before}, [&](const db::Row& row) {
                                  const bool fits = !query_.purpose || row.text(6) == word(*query_.purpose);
                                  return fits ? take(row) : !examined_enough();
                              });
    } else if (query_.queue && !query_.queue->empty()) {
        done = connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                                 " FROM task WHERE organization = $1 AND queue = $2 AND id < $3 AND deleted_at IS NULL "
                                 "AND surface <> 3 ORDER BY id DESC",
                                 {organization_, *query_.queue, before}, take);
    } else if (query_.kind == TaskKind::cron) {
        done = connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                                 " FROM task WHERE organization = $1 AND id < $2 AND deleted_at IS NULL AND kind = 1 "
                                 "ORDER BY id DESC",
                                 {organization_, before}, take);
    } else {
        done =
            connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                              " FROM task WHERE organization = $1 AND id < $2 AND deleted_at IS NULL AND surface <> 3 "
                              "ORDER BY id DESC",
                              {organization_, before}, take);
    }
    return done ? failed_ : done;
}

/// A queue with few tasks: all of them, sorted. False: it has many, the others' walk finds them soon enough.
Result<bool> TaskList::gather_small_queue() {
    std::vector<Candidate> tasks;
    auto done = connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                                  " FROM task WHERE organization = $1 AND queue = $2 AND deleted_at IS NULL AND "
                                  "surface <> 3 LIMIT $3",
                                  {organization_, *query_.queue, small_queue + 1},
                                  [&](const db::Row& row) { tasks.push_back(read_candidate(row)); });
    if (!done) return done.error();
    if (tasks.size() > small_queue) return false;
    if (auto offered = offer_sorted(std::move(tasks)); !offered) return offered.error();
    return true;
}

Result<void> TaskList::offer_sorted(std::vector<Candidate> tasks) {
    for (Candidate& task : tasks) {
        auto last = last_run(connection_, task.id, task.kind);
        if (!last) return last.error();
        task.last = *last;
    }
    std::sort(tasks.begin(), tasks.end(), runs_later);
    for (const Candidate& task : tasks)
        if (!offer(task)) break;
    return failed_;
}

Result<std::vector<TaskList::Candidate>> TaskList::cron_tasks() {
    std::vector<Candidate> tasks;
    auto done = connection_.query(
        "SELECT t.id, t.kind, t.enabled, t.surface, t.queue, t.name, s.last_execution_at, s.last_status FROM task t "
        "LEFT "
        "JOIN schedule s ON s.task = t.id WHERE t.organization = $1 AND t.deleted_at IS NULL AND t.kind = 1",
        {organization_}, [&](const db::Row& row) {
            Candidate task = read_candidate(row);
            if (!row.is_null(6)) task.last = LastRun{row.timestamp(6), row.as<Status>(7)};
            tasks.push_back(std::move(task));
            return !examined_enough();
        });
    if (!done) return done.error();
    std::sort(tasks.begin(), tasks.end(), runs_later);
    return tasks;
}

std::optional<TaskList::Candidate> TaskList::find_candidate(Id task) {
    std::optional<Candidate> found;
    auto done = connection_.query("SELECT " PUNKT_CANDIDATE_COLUMNS
                                  " FROM task WHERE id = $1 AND deleted_at IS NULL "
                                  "AND surface <> 3",
                                  {task}, [&](const db::Row& row) { found = read_candidate(row); });
    if (!done) failed_ = done;
    return found;
}

/// One-time tasks in the order of their last executions, with the cron tasks that ran in between.
Result<void> TaskList::gather_executed(std::vector<Candidate>& cron, std::size_t& next_cron) {
    const auto is_before = [&](Timestamp at) {
        return next_cron < cron.size() && cron[next_cron].last && cron[next_cron].last->at >= at;
    };
    if (query_.kind != TaskKind::cron) {
        auto done = connection_.query(
            "SELECT task, finished_at, status FROM execution WHERE organization = $1 AND finished_at <= $2 ORDER BY "
            "finished_at DESC",
            {organization_, std::numeric_limits<std::int64_t>::max()}, [&](const db::Row& row) {
                if (examined_enough()) return false;
                if (!seen_.insert(row.integer(0)).second) return true;
                const LastRun last{row.timestamp(1), row.as<Status>(2)};
                while (is_before(last.at))
                    if (!offer(cron[next_cron++])) return false;
                auto task = find_candidate(row.integer(0));
                if (!task || task->kind == TaskKind::cron) return failed_.has_value();
                task->last = last;
                return offer(*task) && failed_.has_value();
            });
        if (!done) return done;
    }
    while (!has_more && is_before(Timestamp::min()))
        if (!offer(cron[next_cron++])) break;
    return failed_;
}

/// Whatever the executions did not show, newest first.
Result<void> TaskList::gather_never_run() {
    const std::string_view sql =
        query_.kind == TaskKind::cron
            ? "SELECT " PUNKT_CANDIDATE_COLUMNS
              " FROM task WHERE organization = $1 AND deleted_at IS NULL AND kind = 1 ORDER BY id DESC"
            : "SELECT " PUNKT_CANDIDATE_COLUMNS
              " FROM task WHERE organization = $1 AND deleted_at IS NULL AND surface <> 3 ORDER BY id DESC";
    auto done = connection_.query(sql, {organization_}, [&](const db::Row& row) {
        if (seen_.contains(row.integer(0))) return true;
        if (examined_enough()) return false;
        return offer(read_candidate(row)) && failed_.has_value();
    });
    return done ? failed_ : done;
}

Result<void> TaskList::gather_latest_run() {
    if (query_.system_only) return gather_newest();  // they run once, at once: nearly the same order
    auto matching = find_matching(std::numeric_limits<Id>::max());
    if (!matching) return matching.error();
    if (*matching) {
        is_newest_instead = matching_.size() > matching_max;  // to sort them would take too long
        if (is_newest_instead) return gather_matching();
        std::vector<Candidate> tasks;
        for (const Id id : matching_)
            if (auto task = find_candidate(id); task && task->surface != Surface::system)
                tasks.push_back(std::move(*task));
        return failed_ ? offer_sorted(std::move(tasks)) : failed_;
    }
    if (query_.queue && !query_.queue->empty()) {
        auto complete = gather_small_queue();
        if (!complete) return complete.error();
        if (*complete) return {};
    }
    std::vector<Candidate> cron;
    if (query_.kind != TaskKind::once) {
        auto tasks = cron_tasks();
        if (!tasks) return tasks.error();
        cron = std::move(*tasks);
    }
    for (const Candidate& task : cron)
        if (task.last) seen_.insert(task.id);
    std::size_t next_cron = 0;
    if (auto done = gather_executed(cron, next_cron); !done) return done;
    if (has_more || (query_.state && status_of(*query_.state))) return {};
    return gather_never_run();
}

}  // namespace punkt::store

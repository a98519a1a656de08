#include "store/retention.h"

#include <atomic>
#include <vector>

#include "base/log.h"
#include "store/execution_store.h"

namespace punkt::store {
namespace {

enum class Phase { executions, tasks, versions };

Result<void> without_count(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

struct OldTask {
    Id id = 0;
    Id organization = 0;
    bool is_deleted = false;
};

/// Nothing waits for it and nothing is left to be shown of it.
Result<bool> is_over(db::Connection& connection, const OldTask& task) {
    auto executions = db::query_number(connection,
                                       "SELECT EXISTS (SELECT 1 FROM execution WHERE id = $1) OR EXISTS (SELECT 1 FROM "
                                       "execution WHERE task = $1 AND id <> task)",
                                       {task.id});
    if (!executions) return executions.error();
    if (*executions != 0) return false;
    auto timers = timers_of_task(connection, task.organization, task.id);
    if (!timers) return timers.error();
    return timers->empty();
}

Result<void> delete_tasks(db::Connection& connection, const std::vector<OldTask>& tasks) {
    for (const OldTask& task : tasks) {
        auto over = is_over(connection, task);  // again: somebody may have triggered it since
        if (!over) return over.error();
        if (!*over) continue;
        for (const char* sql : {"DELETE FROM task_version WHERE task = $1", "DELETE FROM schedule WHERE task = $1",
                                "DELETE FROM task_key WHERE task = $1", "DELETE FROM task_label WHERE task = $1",
                                "DELETE FROM task WHERE id = $1"})
            if (auto done = without_count(connection.execute(sql, {task.id})); !done) return done;
    }
    return {};
}

Result<void> delete_executions(db::Connection& connection, const std::vector<Id>& executions) {
    for (const Id id : executions)
        if (auto done = without_count(connection.execute("DELETE FROM execution WHERE id = $1", {id})); !done)
            return done;
    return {};
}

/// Still done when the disk is full: it makes room.
template <class Apply>
struct Deletion final : Write {
    Deletion(Apply function, Done finished_function) : run(std::move(function)), done(std::move(finished_function)) {}
    Result<void> apply(db::Connection& connection) override { return run(connection); }
    void finished(const Result<void>& result) override { done(result); }
    bool may_be_refused() const override { return false; }
    std::size_t rows() const override { return 500; }
    Apply run;
    Done done;
};

}  // namespace

struct Retention::Impl {
    Impl(Writer& w, db::Connection r, const Clock& c, Options o)
        : writer(w), reader(std::move(r)), clock(c), options(o) {}

    template <class Apply>
    void write(Apply apply) {
        *is_writing = true;
        writer.submit(std::make_unique<Deletion<Apply>>(std::move(apply), [flag = is_writing](Result<void> result) {
            if (!result) log::warn("what is older than the retention period stays: {}", result.error().message);
            *flag = false;
        }));
    }
    /// Each answers whether its phase has more to look at.
    Result<bool> step_executions();
    Result<bool> step_tasks();
    Result<bool> step_versions();

    Writer& writer;
    db::Connection reader;
    const Clock& clock;
    Options options;
    Phase phase = Phase::executions;
    Id cursor = 0;
    Timestamp cutoff{};
    // Shared with a write that may outlive this object.
    std::shared_ptr<std::atomic<bool>> is_writing = std::make_shared<std::atomic<bool>>(false);
};

Result<bool> Retention::Impl::step_executions() {
    std::vector<Id> old;
    int examined = 0;
    auto done = reader.query(
        "SELECT id, COALESCE(finished_at, scheduled_for) FROM execution WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
        {cursor, to_ms(cutoff) << 20, options.rows_per_step}, [&](const db::Row& row) {
            ++examined;
            cursor = row.integer(0);
            if (row.timestamp(1) < cutoff) old.push_back(cursor);
        });
    if (!done) return done.error();
    if (!old.empty())
        write([old = std::move(old)](db::Connection& connection) { return delete_executions(connection, old); });
    return examined == options.rows_per_step;
}

Result<bool> Retention::Impl::step_tasks() {
    std::vector<OldTask> candidates;
    int examined = 0;
    auto done = reader.query(
        "SELECT id, organization, kind, deleted_at FROM task WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
        {cursor, to_ms(cutoff) << 20, options.rows_per_step}, [&](const db::Row& row) {
            ++examined;
            cursor = row.integer(0);
            const bool is_deleted = !row.is_null(3);
            if (is_deleted ? row.timestamp(3) < cutoff : row.integer(2) == 0)
                candidates.push_back({cursor, row.integer(1), is_deleted});
        });
    if (!done) return done.error();
    std::vector<OldTask> old;
    for (const OldTask& task : candidates) {
        auto over = is_over(reader, task);
        if (!over) return over.error();
        if (*over) old.push_back(task);
    }
    if (!old.empty())
        write([old = std::move(old)](db::Connection& connection) { return delete_tasks(connection, old); });
    return examined == options.rows_per_step;
}

Result<bool> Retention::Impl::step_versions() {
    struct Version {
        Id task;
        std::int64_t number;
    };
    std::vector<Version> old;
    auto done =
        reader.query("SELECT task, version FROM task_version WHERE replaced_at < $1 ORDER BY replaced_at LIMIT $2",
                     {cutoff, options.rows_per_step}, [&](const db::Row& row) {
                         old.push_back({row.integer(0), row.integer(1)});
                     });
    if (!done) return done.error();
    const bool more = static_cast<int>(old.size()) == options.rows_per_step;
    if (!old.empty())
        write([old = std::move(old)](db::Connection& connection) -> Result<void> {
            for (const auto& [task, number] : old) {
                auto deleted =
                    connection.execute("DELETE FROM task_version WHERE task = $1 AND version = $2", {task, number});
                if (!deleted) return deleted.error();
            }
            return {};
        });
    return more;
}

Retention::Retention(Writer& writer, db::Connection reader, const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(writer, std::move(reader), clock, options)) {}

Retention::~Retention() = default;

bool Retention::step() {
    Impl& impl = *impl_;
    if (*impl.is_writing) return true;
    if (impl.phase == Phase::executions && impl.cursor == 0) impl.cutoff = impl.clock.now() - impl.options.keep;
    auto more = impl.phase == Phase::executions ? impl.step_executions()
                : impl.phase == Phase::tasks    ? impl.step_tasks()
                                                : impl.step_versions();
    if (!more) {
        log::warn("the retention pass ends early: {}", more.error().message);
        impl.phase = Phase::executions;
        impl.cursor = 0;
        return false;
    }
    if (*more) return true;
    impl.cursor = 0;
    const bool was_last = impl.phase == Phase::versions;
    impl.phase = was_last ? Phase::executions : static_cast<Phase>(static_cast<int>(impl.phase) + 1);
    return !was_last;
}

}  // namespace punkt::store

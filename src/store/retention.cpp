#include "store/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <unordered_map>

#include "base/log.h"
#include "store/retention_reads.h"
#include "store/retention_writes.h"
#include "store/rows.h"

namespace punkt::store {
namespace {

/// The order of a pass.
enum class Phase { executions, tasks, versions, orphans, measure, budgets, size, space, over };

/// Where deleting by size ends, in percent of what is allowed: not every new row shall begin it again.
constexpr std::int64_t enough_percent = 95;

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
        : writer(w), reader(std::move(r)), clock(c), options(std::move(o)), budgets(options.budgets) {
        auto own = own_remainders();
        options.remainders.insert(options.remainders.end(), own.begin(), own.end());
    }

    template <class Apply>
    void write(Apply apply) {
        *is_writing = true;
        writer.submit(std::make_unique<Deletion<Apply>>(std::move(apply), [flag = is_writing](Result<void> result) {
            if (!result) log::warn("what is older than the retention period stays: {}", result.error().message);
            *flag = false;
        }));
    }

    void begin();
    Result<bool> step_phase();
    /// With the tasks of these that have nothing left then.
    void delete_history(std::vector<Id> executions, std::vector<Id> tasks);
    /// Each answers whether its phase has more to look at.
    Result<bool> step_executions();
    Result<bool> step_tasks();
    Result<bool> step_versions();
    Result<bool> step_orphans();
    Result<bool> step_budgets();
    Result<bool> step_size();
    Result<bool> step_space();

    std::chrono::hours kept(Id organization, Status status);
    std::chrono::hours least_kept() const;

    Writer& writer;
    db::Connection reader;
    const Clock& clock;
    Options options;
    RetentionBudgets budgets;
    Phase phase = Phase::over;
    Id cursor = 0;
    std::size_t table = 0;        // of the remainders
    bool spares_failures = true;  // by size: while there are others
    Timestamp now{};
    std::optional<Timestamp> last_pass;
    std::unordered_map<Id, std::int64_t> plan_days;  // of this pass
    // Shared with a write that may outlive this object.
    std::shared_ptr<std::atomic<bool>> is_writing = std::make_shared<std::atomic<bool>>(false);
};

void Retention::Impl::begin() {
    now = clock.now();
    plan_days.clear();
    const bool by_age = !last_pass || now - *last_pass >= options.pass_every || now < *last_pass;
    if (by_age) last_pass = now;
    phase = by_age ? Phase::executions : Phase::size;
    cursor = 0;
    table = 0;
    spares_failures = true;
    budgets.begin();
}

/// What is set for the status, else what the plan says, else the installation's; never more than the plan says.
std::chrono::hours Retention::Impl::kept(Id organization, Status status) {
    std::int64_t days = 0;
    if (options.quotas != nullptr) {
        auto [found, is_new] = plan_days.try_emplace(organization, 0);
        if (is_new) found->second = options.quotas->plan(organization).retention_days;
        days = found->second;
    }
    const std::chrono::hours plan{24 * days};
    const auto outcome = class_of(status);
    const auto of_status = outcome == OutcomeClass::failed    ? options.keep_failed
                           : outcome == OutcomeClass::success ? options.keep_success
                                                              : std::chrono::hours{0};
    if (of_status.count() == 0) return days > 0 ? plan : options.keep;
    return days > 0 ? std::min(plan, of_status) : of_status;
}

std::chrono::hours Retention::Impl::least_kept() const {
    auto least = options.keep;
    for (const auto one : {options.keep_success, options.keep_failed})
        if (one.count() > 0) least = std::min(least, one);
    if (options.quotas != nullptr)
        if (const auto days = options.quotas->least_retention_days(); days > 0)
            least = std::min(least, std::chrono::hours{24 * days});
    return least;
}

Result<bool> Retention::Impl::step_executions() {
    std::vector<Id> old;
    int examined = 0;
    auto done = reader.query(
        "SELECT id, COALESCE(finished_at, scheduled_for), organization, status FROM execution WHERE id > $1 AND id < "
        "$2 ORDER BY id LIMIT $3",
        {cursor, to_ms(now - least_kept()) << 20, options.rows_per_step}, [&](const db::Row& row) {
            ++examined;
            cursor = row.integer(0);
            if (row.timestamp(1) < now - kept(row.integer(2), row.as<Status>(3))) old.push_back(cursor);
        });
    if (!done) return done.error();
    if (!old.empty())
        write([old = std::move(old)](db::Connection& connection) { return delete_executions(connection, old); });
    return examined == options.rows_per_step;
}

Result<bool> Retention::Impl::step_tasks() {
    std::vector<std::pair<Id, Id>> candidates;  // organization, task
    int examined = 0;
    auto done = reader.query(
        "SELECT id, organization, kind, deleted_at FROM task WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
        {cursor, to_ms(now - least_kept()) << 20, options.rows_per_step}, [&](const db::Row& row) {
            ++examined;
            cursor = row.integer(0);
            const bool is_deleted = !row.is_null(3);
            const bool is_old =
                is_deleted ? row.timestamp(3) < now - kept(row.integer(1), Status::cancelled) : row.integer(2) == 0;
            if (is_old) candidates.emplace_back(row.integer(1), cursor);
        });
    if (!done) return done.error();
    std::vector<Id> old;
    for (const auto& [organization, task] : candidates) {
        auto over = is_over(reader, organization, task);
        if (!over) return over.error();
        if (*over) old.push_back(task);
    }
    if (!old.empty())
        write([old = std::move(old), remainders = options.remainders](db::Connection& connection) {
            return delete_tasks_if_over(connection, old, remainders);  // looks again: it may have been triggered since
        });
    return examined == options.rows_per_step;
}

Result<bool> Retention::Impl::step_versions() {
    auto old = old_versions(reader, now - options.keep, options.rows_per_step);
    if (!old) return old.error();
    const bool more = static_cast<int>(old->size()) == options.rows_per_step;
    if (!old->empty())
        write([old = std::move(*old)](db::Connection& connection) { return delete_versions(connection, old); });
    return more;
}

/// Rows whose task is gone: left by an older version, or by a restore.
Result<bool> Retention::Impl::step_orphans() {
    if (table == options.remainders.size()) return false;
    if (!options.remainders[table].has_rowid) {
        ++table;
        return true;
    }
    const std::string& name = options.remainders[table].table;
    const auto stretch = look_for_orphans(reader, name, cursor, options.rows_per_step);
    if (!stretch) return stretch.error();
    if (stretch->has_orphans)
        write([name, from = cursor, until = stretch->until](db::Connection& connection) {
            return delete_orphans(connection, name, from, until);
        });
    cursor = stretch->until;
    if (stretch->examined < options.rows_per_step) {
        ++table;
        cursor = 0;
    }
    return true;
}

void Retention::Impl::delete_history(std::vector<Id> executions, std::vector<Id> tasks) {
    if (executions.empty()) return;
    write([executions = std::move(executions), tasks = std::move(tasks),
           remainders = options.remainders](db::Connection& connection) -> Result<void> {
        if (auto deleted = delete_executions(connection, executions); !deleted) return deleted;
        return delete_tasks_if_over(connection, tasks, remainders);
    });
}

Result<bool> Retention::Impl::step_budgets() {
    auto excess = budgets.next_excess(reader, options.rows_per_step);
    if (!excess) return excess.error();
    delete_history(std::move(excess->executions), std::move(excess->tasks));
    return excess->has_more;
}

Result<bool> Retention::Impl::step_size() {
    if (options.bytes_max == 0) return false;
    const auto pages = file_pages(reader);
    if (!pages) return pages.error();
    const std::int64_t stored = pages->stored_bytes();
    const bool has_begun = cursor != 0 || !spares_failures;
    if (stored * 100 <= options.bytes_max * (has_begun ? enough_percent : 100)) return false;
    std::vector<Id> executions, tasks;
    auto done = reader.query(fmt::format("SELECT id, task FROM execution WHERE id > $1 {}ORDER BY id LIMIT $2",
                                         spares_failures ? "AND status IN (2, 6) " : ""),
                             {cursor, options.rows_per_step}, [&](const db::Row& row) {
                                 cursor = row.integer(0);
                                 executions.push_back(cursor);
                                 tasks.push_back(row.integer(1));
                             });
    if (!done) return done.error();
    const bool was_last = static_cast<int>(executions.size()) < options.rows_per_step;
    delete_history(std::move(executions), std::move(tasks));
    if (!was_last) return true;
    cursor = 0;
    return std::exchange(spares_failures, false);
}

/// The last pages of the file move into free places before them; the file becomes shorter with the next checkpoint.
Result<bool> Retention::Impl::step_space() {
    const auto pages = file_pages(reader);
    if (!pages) return pages.error();
    const std::int64_t spare = pages->unused - std::max(options.free_pages_min, pages->all / 8);
    if (spare <= 0) return false;
    const auto some = std::min<std::int64_t>(spare, options.vacuum_pages_per_step);
    write([some](db::Connection& connection) {
        return connection.query(fmt::format("PRAGMA incremental_vacuum({})", some), {}, [](const db::Row&) {});
    });
    return spare > some;
}

Result<bool> Retention::Impl::step_phase() {
    switch (phase) {
        case Phase::executions:
            return step_executions();
        case Phase::tasks:
            return step_tasks();
        case Phase::versions:
            return step_versions();
        case Phase::orphans:
            return step_orphans();
        case Phase::measure:
            return budgets.is_off() ? Result<bool>(false) : budgets.measure(reader, options.rows_per_step);
        case Phase::budgets:
            return step_budgets();
        case Phase::size:
            return step_size();
        case Phase::space:
            return step_space();
        case Phase::over:
            return false;
    }
    return false;
}

Retention::Retention(Writer& writer, db::Connection reader, const Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(writer, std::move(reader), clock, std::move(options))) {}

Retention::~Retention() = default;

bool Retention::step() {
    Impl& impl = *impl_;
    if (*impl.is_writing) return true;
    if (impl.phase == Phase::over) impl.begin();
    auto more = impl.step_phase();
    if (!more) {
        log::warn("the retention pass ends early: {}", more.error().message);
        impl.phase = Phase::over;
        return false;
    }
    if (*more) return true;
    impl.cursor = 0;
    impl.phase = static_cast<Phase>(static_cast<int>(impl.phase) + 1);
    return impl.phase != Phase::over;
}

}  // namespace punkt::store

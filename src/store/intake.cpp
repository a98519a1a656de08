#include "store/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/arming.h"
#include "store/execution_store.h"
#include "store/rows.h"
#include "store/task_keys.h"
#include "store/task_list.h"
#include "store/task_store.h"

namespace punkt::store {
namespace {

/// A debounce whose task still waits is looked at again after this.
constexpr std::chrono::hours look_again{1};

struct OnceRow {
    Id task = 0;
    Timestamp since{};
    std::string accepted;
    Timestamp expires_at{};
};

Result<void> without_count(Result<std::int64_t> affected) {
    return affected ? Result<void>() : Result<void>(std::move(affected).error());
}

Result<std::optional<OnceRow>> find_row(db::Connection& connection, Id organization, const OnceRule& rule) {
    std::optional<OnceRow> found;
    auto done = connection.query(
        "SELECT task, since, accepted, expires_at FROM once_key WHERE organization = $1 AND kind = $2 AND key = $3",
        {organization, rule.kind, rule.key}, [&](const db::Row& row) {
            found = OnceRow{row.integer(0), row.timestamp(1), row.string(2), row.timestamp(3)};
        });
    if (!done) return done.error();
    return found;
}

Result<void> keep_row(db::Connection& connection, Id organization, const OnceRule& rule, const OnceRow& row) {
    return without_count(connection.execute(
        "INSERT INTO once_key (organization, kind, key, task, since, accepted, expires_at) VALUES ($1, $2, $3, $4, $5, "
        "$6, $7) ON CONFLICT (organization, kind, key) DO UPDATE SET task = excluded.task, since = excluded.since, "
        "accepted = excluded.accepted, expires_at = excluded.expires_at",
        {organization, rule.kind, rule.key, row.task, row.since, db::text_or_null(row.accepted), row.expires_at}));
}

/// A deleted task stands for nothing any more. One that retention took away still does: its time is not over.
Result<bool> is_deleted(db::Connection& connection, Id task) {
    auto deleted =
        db::query_number(connection, "SELECT count(*) FROM task WHERE id = $1 AND deleted_at IS NOT NULL", {task});
    if (!deleted) return deleted.error();
    return *deleted != 0;
}

Result<Taken> ignored(db::Connection& connection, Id organization, Id winner) {
    Taken taken{.as = TakenAs::ignored, .task = winner};
    auto timers = timers_of_task(connection, organization, winner);
    if (!timers) return timers.error();
    if (timers->empty()) {
        auto last = last_run(connection, winner, TaskKind::once);
        if (!last) return last.error();
        if (*last) taken.status = (*last)->status;
    }
    auto read = connection.query("SELECT scheduled_at FROM task WHERE id = $1", {winner},
                                 [&](const db::Row& row) { taken.scheduled_for = row.optional_timestamp(0); });
    if (!read) return read.error();
    return taken;
}

/// "1795215756498,1795215756511" without what is not after `from`.
std::vector<Timestamp> instants_after(std::string_view text, Timestamp from) {
    std::vector<Timestamp> instants;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        std::int64_t ms = 0;
        const auto [next, problem] = std::from_chars(at, end, ms);
        if (problem != std::errc{}) break;
        if (from_ms(ms) > from) instants.push_back(from_ms(ms));
        at = next + 1;
    }
    return instants;
}

std::string text_of(const std::vector<Timestamp>& instants) {
    std::string text;
    for (const Timestamp at : instants) text += fmt::format("{}{}", text.empty() ? "" : ",", to_ms(at));
    return text;
}

}  // namespace

Result<std::vector<Id>> find_debounced(db::Connection& connection, Id organization,
                                       const std::vector<OnceRule>& rules) {
    std::vector<Id> waiting;
    for (const OnceRule& rule : rules) {
        if (rule.kind != OnceKind::debounce) continue;
        auto row = find_row(connection, organization, rule);
        if (!row) return row.error();
        if (*row) waiting.push_back((*row)->task);
    }
    std::sort(waiting.begin(), waiting.end());
    waiting.erase(std::unique(waiting.begin(), waiting.end()), waiting.end());
    return waiting;
}

Demand TakeIn::demand(Timestamp month_end) const {
    Demand demand;
    for (const Wish& wish : wishes_) add_to(demand, wish.task, month_end);
    return demand;
}

/// Those that did not become a task of their own.
std::int64_t TakeIn::unused_runs() const {
    return std::count_if(taken_.begin(), taken_.end(),
                         [](const Taken& taken) { return taken.refusal || taken.as != TakenAs::created; });
}

Result<void> TakeIn::apply(db::Connection& connection) {
    taken_.clear();
    changes_.clear();
    created_.clear();
    for (const Wish& wish : wishes_) {
        auto taken = take(connection, wish);
        if (taken) {
            taken_.push_back(std::move(*taken));
            continue;
        }
        const Error& error = taken.error();
        const bool is_of_the_wish = error.kind == ErrorKind::invalid || error.code == code_key_taken;
        if (!options_.is_partial || !is_of_the_wish) return error;
        taken_.push_back({.as = TakenAs::refused, .refusal = error});
    }
    return {};
}

Result<Taken> TakeIn::take(db::Connection& connection, const Wish& wish) {
    if (!wish.once) return create(connection, wish);
    switch (wish.once->kind) {
        case OnceKind::dedupe:
            return dedupe(connection, wish);
        case OnceKind::debounce:
            return debounce(connection, wish);
        case OnceKind::throttle:
            return throttle(connection, wish);
    }
    return create(connection, wish);
}

Result<Taken> TakeIn::create(db::Connection& connection, const Wish& wish) {
    const Task& task = *wish.task.task;
    if (auto done = insert_new_task(connection, wish.task); !done) return done.error();
    created_.insert(task.id);
    changes_.push_back({.task = wish.task.task, .before = std::nullopt, .after = wish.task.timer});
    return Taken{.task = task.id, .scheduled_for = task.scheduled_at};
}

Result<Taken> TakeIn::dedupe(db::Connection& connection, const Wish& wish) {
    const Id organization = wish.task.task->organization;
    auto row = find_row(connection, organization, *wish.once);
    if (!row) return row.error();
    if (*row && (*row)->expires_at > options_.now) {
        auto deleted = is_deleted(connection, (*row)->task);
        if (!deleted) return deleted.error();
        if (!*deleted) return ignored(connection, organization, (*row)->task);
    }
    auto taken = create(connection, wish);
    if (!taken) return taken;
    auto kept = keep_row(
        connection, organization, *wish.once,
        {.task = taken->task, .since = options_.now, .accepted = {}, .expires_at = options_.now + wish.once->span});
    if (!kept) return kept.error();
    return taken;
}

Result<Taken> TakeIn::throttle(db::Connection& connection, const Wish& wish) {
    const Id organization = wish.task.task->organization;
    const OnceRule& rule = *wish.once;
    auto row = find_row(connection, organization, rule);
    if (!row) return row.error();
    auto accepted = instants_after(*row ? (*row)->accepted : std::string(), options_.now - rule.span);
    if (static_cast<int>(accepted.size()) >= rule.count) return ignored(connection, organization, (*row)->task);
    auto taken = create(connection, wish);
    if (!taken) return taken;
    // Requests come in nearly in the order of their times.
    accepted.push_back(accepted.empty() ? options_.now : std::max(options_.now, accepted.back()));
    auto kept = keep_row(connection, organization, rule,
                         {.task = taken->task,
                          .since = options_.now,
                          .accepted = text_of(accepted),
                          .expires_at = accepted.back() + rule.span});
    if (!kept) return kept.error();
    return taken;
}

/// 1. Who stands for the key, and does it still wait? 2. If it is out, or over, a new one begins. 3. Otherwise this one
/// takes its place, and its wait begins anew, but never ends after max_wait.
Result<Taken> TakeIn::debounce(db::Connection& connection, const Wish& wish) {
    const Id organization = wish.task.task->organization;
    const OnceRule& rule = *wish.once;
    auto row = find_row(connection, organization, rule);
    if (!row) return row.error();
    std::optional<Timer> waiting;
    if (*row) {
        auto timer = find_timer(connection, organization, (*row)->task);
        if (!timer) return timer.error();
        waiting = *timer;
    }
    if (waiting && !created_.contains(waiting->task)) {
        const auto held = options_.held.find(waiting->task);
        if (held == options_.held.end())
            return Error{ErrorKind::conflict, "the waiting task changed meanwhile", std::string(code_winner_changed)};
        if (held->second) waiting.reset();
    }
    if (!waiting) {
        auto taken = create(connection, wish);
        if (!taken) return taken;
        auto kept =
            keep_row(connection, organization, rule,
                     {.task = taken->task, .since = options_.now, .accepted = {}, .expires_at = *taken->scheduled_for});
        if (!kept) return kept.error();
        return taken;
    }
    Timestamp due = options_.now + rule.span;
    if (rule.max_wait) due = std::min(due, (*row)->since + *rule.max_wait);
    auto taken = replace(connection, wish, *waiting, due);
    if (!taken) return taken;
    auto kept = keep_row(connection, organization, rule,
                         {.task = taken->task, .since = (*row)->since, .accepted = {}, .expires_at = due});
    if (!kept) return kept.error();
    return taken;
}

/// No version is kept: the one that was there has never been sent.
Result<Taken> TakeIn::replace(db::Connection& connection, const Wish& wish, const Timer& waiting, Timestamp due) {
    Task task = *wish.task.task;
    task.id = waiting.task;
    task.scheduled_at = due;
    const auto before = find_task(connection, task.organization, task.id);
    if (!before) return before.error();
    if (!*before) return Error{.message = "a task that waits for its debounce is not there"};
    task.version = (*before)->version + 1;
    task.created_at = (*before)->created_at;
    auto removed = remove_timer(connection, waiting);
    if (!removed) return removed.error();
    if (auto done = replace_task(connection, task); !done) return done.error();
    const Timer after = *first_timer(task);
    if (auto done = insert_timer(connection, after); !done) return done.error();
    changes_.push_back({.task = std::make_shared<const Task>(std::move(task)), .before = waiting, .after = after});
    return Taken{.as = TakenAs::replaced,
                 .task = waiting.task,
                 .scheduled_for = due,
                 .before = std::make_shared<const Task>(**before)};
}

void TakeIn::tell(Journal& journal) const {
    for (const auto& [task, before, after] : changes_)
        if (journal.wants(task->organization))
            journal.happened(about_task(before ? EventType::task_updated : EventType::task_created, *task));
}

void TakeIn::announce(Announcements& announcements) {
    for (auto& [task, before, after] : changes_) {
        if (before)
            announcements.changed(task->id, {*before}, {{*after, task}});
        else if (after)
            announcements.armed(*after, task);
    }
}

Result<std::int64_t> forget_once_keys(db::Connection& connection, Timestamp now, int rows) {
    struct Old {
        Id organization;
        OnceRule rule;
        Id task;
    };
    std::vector<Old> old;
    auto read = connection.query(
        "SELECT organization, kind, key, task FROM once_key WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
        {now, rows}, [&](const db::Row& row) {
            old.push_back({row.integer(0), {.kind = row.as<OnceKind>(1), .key = row.string(2)}, row.integer(3)});
        });
    if (!read) return read.error();
    for (const auto& [organization, rule, task] : old) {
        bool waits = false;
        if (rule.kind == OnceKind::debounce) {
            auto timer = find_timer(connection, organization, task);
            if (!timer) return timer.error();
            waits = timer->has_value();
        }
        auto done = waits
                        ? connection.execute(
                              "UPDATE once_key SET expires_at = $4 WHERE organization = $1 AND kind = "
                              "$2 AND key = $3",
                              {organization, rule.kind, rule.key, now + look_again})
                        : connection.execute("DELETE FROM once_key WHERE organization = $1 AND kind = $2 AND key = $3",
                                             {organization, rule.kind, rule.key});
        if (!done) return done.error();
    }
    return static_cast<std::int64_t>(old.size());
}

}  // namespace punkt::store

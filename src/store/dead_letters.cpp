#include "store/dead_letters.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "core/arming.h"
#include "store/rows.h"
#include "store/task_edits.h"

namespace punkt::store {
namespace {

#define PUNKT_DEAD_LETTER_COLUMNS "execution, task, purpose, attempt, finished_at, status, status_code, host, error"
// $1 the organization, $2 … $9 the filter, $10 the execution to begin before.
#define PUNKT_DEAD_LETTER_WHERE                                                                                    \
    " FROM dead_letter WHERE organization = $1 AND execution < $10 AND ($2 IS NULL OR host = $2) AND ($3 IS NULL " \
    "OR error = $3) AND ($4 IS NULL OR status = $4) AND ($5 IS NULL OR COALESCE(status_code, 0) = $5) AND ($6 IS " \
    "NULL OR task = $6) AND ($7 IS NULL OR finished_at >= $7) AND ($8 IS NULL OR finished_at <= $8) AND (purpose " \
    "<> 0) = $9 "

constexpr std::size_t samples_max = 3;

DeadLetterRow read(const db::Row& row) {
    return {.execution = row.integer(0),
            .task = row.integer(1),
            .purpose = row.as<Purpose>(2),
            .attempt = row.number(3),
            .finished_at = row.timestamp(4),
            .status = row.as<Status>(5),
            .status_code = row.is_null(6) ? std::nullopt : std::optional(row.number(6)),
            .host = row.string(7),
            .error = row.string(8)};
}

template <class Each>
Result<void> each_letter(db::Connection& connection, std::string_view sql, Id organization,
                         const DeadLetterFilter& filter, Id before, Each each) {
    if (before == 0) before = std::numeric_limits<Id>::max();
    return connection.query(sql,
                            {organization, filter.host, filter.error, filter.status, filter.status_code, filter.task,
                             filter.since, filter.until, filter.system, before},
                            each);
}

using GroupKey = std::tuple<std::string, Status, std::optional<int>, std::string>;

}  // namespace

Result<DeadLetterGroups> group_dead_letters(db::Connection& connection, Id organization,
                                            const DeadLetterFilter& filter) {
    DeadLetterGroups found;
    std::map<GroupKey, DeadLetterGroup> groups;
    auto done =
        each_letter(connection, "SELECT " PUNKT_DEAD_LETTER_COLUMNS PUNKT_DEAD_LETTER_WHERE "ORDER BY execution DESC",
                    organization, filter, 0, [&](const db::Row& row) {
                        if (found.examined == dead_letters_examined_max) return found.is_complete = false;
                        ++found.examined;
                        DeadLetterRow letter = read(row);
                        DeadLetterGroup& group = groups[{letter.host, letter.status, letter.status_code, letter.error}];
                        if (group.count++ == 0) {
                            group.host = letter.host;
                            group.status = letter.status;
                            group.status_code = letter.status_code;
                            group.error = letter.error;
                            group.first_seen = group.last_seen = letter.finished_at;
                        }
                        group.first_seen = std::min(group.first_seen, letter.finished_at);
                        group.last_seen = std::max(group.last_seen, letter.finished_at);
                        if (group.samples.size() < samples_max) group.samples.push_back(letter.execution);
                        return true;
                    });
    if (!done) return done.error();
    for (auto& [key, group] : groups) found.groups.push_back(std::move(group));
    std::stable_sort(found.groups.begin(), found.groups.end(),
                     [](const DeadLetterGroup& a, const DeadLetterGroup& b) { return a.count > b.count; });
    if (found.groups.size() > dead_letter_groups_max) found.groups.resize(dead_letter_groups_max);
    return found;
}

Result<std::vector<DeadLetterRow>> list_dead_letters(db::Connection& connection, Id organization,
                                                     const DeadLetterFilter& filter, int limit, Id before) {
    std::vector<DeadLetterRow> found;
    if (limit <= 0) return found;
    auto done =
        each_letter(connection, "SELECT " PUNKT_DEAD_LETTER_COLUMNS PUNKT_DEAD_LETTER_WHERE "ORDER BY execution DESC",
                    organization, filter, before, [&](const db::Row& row) {
                        found.push_back(read(row));
                        return static_cast<int>(found.size()) < limit;
                    });
    if (!done) return done.error();
    return found;
}

Result<std::int64_t> count_dead_letters(db::Connection& connection, Id organization, const DeadLetterFilter& filter) {
    std::int64_t count = 0;
    auto done = each_letter(connection, "SELECT count(*)" PUNKT_DEAD_LETTER_WHERE, organization, filter, 0,
                            [&](const db::Row& row) {
                                count = row.integer(0);
                                return true;
                            });
    if (!done) return done.error();
    return count;
}

Result<std::optional<DeadLetterRow>> find_dead_letter(db::Connection& connection, Id organization, Id execution) {
    std::optional<DeadLetterRow> found;
    auto done = connection.query("SELECT " PUNKT_DEAD_LETTER_COLUMNS
                                 " FROM dead_letter WHERE organization = $1 AND execution = $2",
                                 {organization, execution}, [&](const db::Row& row) { found = read(row); });
    if (!done) return done.error();
    return found;
}

Result<bool> remove_dead_letter(db::Connection& connection, Id organization, Id execution) {
    auto removed = connection.execute("DELETE FROM dead_letter WHERE organization = $1 AND execution = $2",
                                      {organization, execution});
    if (!removed) return removed.error();
    return *removed > 0;
}

Result<void> RedriveDeadLetters::redrive(db::Connection& connection, Id execution, Id run) {
    auto letter = find_dead_letter(connection, organization_, execution);
    if (!letter) return letter.error();
    if (!*letter) {
        outcome_.unknown.push_back(execution);
        return {};
    }
    std::optional<Result<Task>> task;
    auto done = connection.query("SELECT " PUNKT_TASK_COLUMNS
                                 " FROM task WHERE id = $1 AND organization = $2 AND deleted_at IS NULL",
                                 {(*letter)->task, organization_}, [&](const db::Row& row) { task = read_task(row); });
    if (!done) return done;
    if (!task) {
        outcome_.without_task.push_back(execution);
        return {};
    }
    if (!*task) return task->error();
    const Timer timer = trigger_timer(**task, run, now_);
    if (auto armed = ArmTimer(timer, {}).apply(connection); !armed) return armed;
    auto removed = remove_dead_letter(connection, organization_, execution);
    if (!removed) return removed.error();
    armed_.push_back(timer);
    outcome_.redriven.emplace_back(execution, run);
    return {};
}

Result<void> RedriveDeadLetters::apply(db::Connection& connection) {
    outcome_ = {};
    armed_.clear();
    for (const auto& [execution, run] : runs_)
        if (auto done = redrive(connection, execution, run); !done) return done;
    return {};
}

void RedriveDeadLetters::announce(Announcements& announcements) {
    for (const Timer& timer : armed_) announcements.armed(timer);
}

}  // namespace punkt::store

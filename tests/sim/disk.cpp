#include "sim/disk.h"

#include "base/check.h"
#include "db/migrate.h"
#include "store/data_folder.h"
#include "store/execution_store.h"
#include "store/rows.h"
#include "store/task_store.h"

namespace punkt::sim {
namespace {

template <class T>
T must(Result<T> result) {
    check(result.has_value(), result ? "" : result.error().message);
    return std::move(*result);
}

db::Connection opened(const std::string& path) {
    db::Connection connection = must(db::Connection::open({path}, db::Access::write));
    // The simulation's crashes lose what is not committed, not what is not synced: no need to wait for the disk.
    check(connection.script("PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY")
              .has_value(),
          "synchronous can be set");
    check(db::migrate(connection, Timestamp{}).has_value(), "the schema can be made");
    return connection;
}

}  // namespace

Disk::Disk() : connection_(opened(folder_.path("punkt.db"))) {}

Id Disk::greatest_id() { return must(store::greatest_id(connection_)); }

std::optional<Timer> Disk::timer(Id organization, Id id) {
    return must(store::find_timer(connection_, organization, id));
}

std::optional<Task> Disk::task(Id organization, Id id) { return must(store::find_task(connection_, organization, id)); }

const Task* Disk::version(Id organization, Id id, int version) {
    const auto key = std::pair(id, version);
    const auto known = versions_.find(key);
    if (known != versions_.end()) return &known->second;
    auto found = must(store::find_task_version(connection_, organization, id, version));
    return found ? &versions_.emplace(key, std::move(*found)).first->second : nullptr;
}

std::vector<Timer> Disk::timers() {
    std::vector<Timer> timers;
    auto done = connection_.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer", {},
                                  [&](const db::Row& row) { timers.push_back(store::read_timer(row)); });
    check(done.has_value(), "timers can be read");
    return timers;
}

std::vector<Execution> Disk::executions() {
    std::vector<Execution> executions;
    auto done = connection_.query("SELECT " PUNKT_EXECUTION_COLUMNS " FROM execution", {},
                                  [&](const db::Row& row) { executions.push_back(store::read_execution(row, false)); });
    check(done.has_value(), "executions can be read");
    return executions;
}

std::vector<Timer> Disk::some_runs(int most, std::int64_t from) {
    std::vector<Timer> runs;
    auto done = connection_.query("SELECT " PUNKT_TIMER_COLUMNS
                                  " FROM timer WHERE kind = 0 ORDER BY due_hour, id LIMIT $1 OFFSET $2",
                                  {most, from}, [&](const db::Row& row) { runs.push_back(store::read_timer(row)); });
    check(done.has_value(), "runs can be read");
    return runs;
}

std::vector<std::pair<Id, Id>> Disk::schedules_on() {
    std::vector<std::pair<Id, Id>> found;
    auto done = connection_.query(
        "SELECT id, organization FROM task WHERE kind = 1 AND enabled = 1 AND deleted_at IS NULL ORDER BY id", {},
        [&](const db::Row& row) { found.emplace_back(row.integer(0), row.integer(1)); });
    check(done.has_value(), "schedules can be read");
    return found;
}

std::int64_t Disk::number(std::string_view sql) { return must(db::query_number(connection_, sql)); }

}  // namespace punkt::sim

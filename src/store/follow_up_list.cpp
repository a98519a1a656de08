#include "store/follow_up_list.h"

#include "store/execution_store.h"
#include "store/task_list.h"

namespace punkt::store {

Result<std::vector<FollowUp>> list_follow_ups(db::Connection& connection, Id organization, Id execution) {
    std::vector<FollowUp> found;
    // Spelled as in the index task_parent.
    auto done = connection.query(
        "SELECT id, json_extract(options, '$.purpose'), url FROM task WHERE surface = 3 AND json_extract(options, "
        "'$.parent') = $1 AND organization = $2 AND deleted_at IS NULL ORDER BY id LIMIT 100",
        {execution, organization}, [&](const db::Row& row) {
            found.push_back({.task = row.integer(0),
                             .purpose = purpose_from(row.text(1)).value_or(Purpose::callback),
                             .url = row.string(2)});
        });
    if (!done) return done.error();
    for (FollowUp& follow_up : found) {
        auto timers = timers_of_task(connection, organization, follow_up.task);
        if (!timers) return timers.error();
        if (!timers->empty()) continue;
        auto last = last_run(connection, follow_up.task, TaskKind::once);
        if (!last) return last.error();
        if (*last) follow_up.status = (*last)->status;
    }
    return found;
}

}  // namespace punkt::store

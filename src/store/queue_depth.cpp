#include "store/queue_depth.h"

#include <limits>
#include <utility>

#include "store/execution_store.h"
#include "store/queue_settings.h"
#include "store/rows.h"

namespace punkt::store {
namespace {

void count(Depth& depth, const Timer& timer, const DepthQuery& query) {
    if (timer.kind != Timer::Kind::run || query.running.contains(timer.id)) return;
    ++(timer.due <= query.now ? depth.due : timer.attempt > 1 ? depth.retrying : depth.delayed);
    if (!depth.oldest || std::pair(timer.due, timer.id) < std::pair(depth.oldest->due, depth.oldest->id))
        depth.oldest = timer;
}

}  // namespace

Result<Depths> count_lanes(db::Connection& connection, const DepthQuery& query) {
    Depths depths;
    int examined = 0;
    auto done =
        connection.query("SELECT " PUNKT_TIMER_COLUMNS " FROM timer WHERE shard = 0 ORDER BY due_hour, id LIMIT $1",
                         {query.rows_max + 1}, [&](const db::Row& row) {
                             if (++examined > query.rows_max) return depths.is_exact = false;
                             const Timer timer = read_timer(row);
                             if (timer.organization == query.organization && timer.lane != 0)
                                 count(depths.lanes[timer.lane], timer, query);
                             return true;
                         });
    if (!done) return done.error();
    return depths;
}

Result<Depths> count_queue(db::Connection& connection, const DepthQuery& query, std::string_view name) {
    auto tasks =
        tasks_of_queue(connection, query.organization, name, 0, std::numeric_limits<Id>::max(), query.tasks_max + 1);
    if (!tasks) return tasks.error();
    if (static_cast<int>(tasks->size()) > query.tasks_max) return count_lanes(connection, query);
    Depths depths;
    Depth& depth = depths.lanes[lane_of(query.organization, name)];
    for (const Id task : *tasks) {
        auto timers = timers_of_task(connection, query.organization, task);
        if (!timers) return timers.error();
        for (const Timer& timer : *timers) count(depth, timer, query);
    }
    return depths;
}

}  // namespace punkt::store

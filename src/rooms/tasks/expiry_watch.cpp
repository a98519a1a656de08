#include "rooms/tasks/expiry_watch.h"

#include <utility>

#include "base/log.h"

namespace punkt::tasks {

bool ExpiryWatch::step() {
    const Timestamp now = clock_.now();
    auto found = tasks_.look(reader_, now, tasks_per_step);
    if (!found) {
        log::warn("expired runs cannot be read: {}", found.error().message);
        return false;
    }
    if (!found->pending.empty()) inbox_.expired({std::move(found->pending)});
    if (!found->over.empty())
        writer_.submit(store::make_write(
            [over = std::move(found->over), now](db::Connection& connection) {
                return store::forget_expiries(connection, over, now);
            },
            [](const Result<void>&) {}));
    return found->has_more;
}

}  // namespace punkt::tasks

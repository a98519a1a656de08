// The settings of queues, as they lie on disk. What is asked at every start and creation is in queue_book.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/queue.h"
#include "db/connection.h"

namespace punkt::store {

/// More queues than that with settings of their own an organization cannot have.
constexpr std::int64_t queues_with_settings_max = 10'000;

/// Those that were ever set, of all organizations.
Result<std::vector<QueueSettings>> list_queue_settings(db::Connection& connection);

/// Reads, changes and stores the settings of one queue; one without a row begins with the defaults. Answers what is
/// stored now. Inside the caller's transaction. Errors: `invalid` beyond queues_with_settings_max.
Result<QueueSettings> change_queue_settings(db::Connection& connection, Id organization, std::string_view name,
                                            Timestamp now, const std::function<void(QueueSettings&)>& change);

/// Names of the queues that live tasks of an organization are in, ascending bytewise, at most `limit` of those that
/// come after `after`. Looks at one task for each.
Result<std::vector<std::string>> queue_names(db::Connection& connection, Id organization, std::string_view after,
                                             int limit);

/// The queue's live tasks, by id, at most `limit` of those with after < id <= until.
Result<std::vector<Id>> tasks_of_queue(db::Connection& connection, Id organization, std::string_view name, Id after,
                                       Id until, int limit);

}  // namespace punkt::store

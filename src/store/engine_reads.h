// What the engine reads. Apart from sql_engine_store, which gives it a thread, so that the simulation reads the same
// way.
#pragma once

#include <vector>

#include "core/task.h"
#include "db/connection.h"
#include "store/engine_store.h"

namespace punkt::store {

/// See EngineStore::load_tasks: those that are there and not deleted.
Result<std::vector<TaskPtr>> read_tasks(db::Connection& connection, const std::vector<Id>& ids);

/// See EngineStore::load_timers.
Result<std::vector<Timer>> read_timers(db::Connection& connection, Hour from, Hour until);

}  // namespace punkt::store

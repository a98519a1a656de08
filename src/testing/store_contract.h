// What every store must do, whatever it lies on: the fixture of *_contract_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "store/execution_store.h"
#include "store/rows.h"
#include "store/task_edits.h"
#include "store/task_store.h"
#include "store/task_writes.h"
#include "testing/test_store.h"

namespace punkt::testing {

class StoreContract : public ::testing::TestWithParam<StoreBackend> {
  protected:
    static constexpr Timestamp noon = from_ms(1'800'000'000'000);
    static constexpr Id organization = 7;

    Task a_task(TaskKind kind = TaskKind::once);
    static Timer first_attempt(const Task& task, Timestamp due = noon);
    static Timer beat(const Task& task, Timestamp due = noon);
    /// A run with an id of its own: of a cron task, a retry, a trigger.
    Timer run_of(const Task& task, Timestamp due = noon);
    static Execution outcome(const Timer& timer, Status status = Status::success);

    TaskPtr insert(Task task, std::optional<Timer> timer);
    /// Inserted and run once, finished at `finished_at`.
    TaskPtr insert_finished(Task task, Timestamp finished_at, Status status = Status::success);

    std::vector<Timer> stored_timers();
    std::optional<Execution> stored_execution(Id id);
    std::int64_t number(std::string_view sql, Id id) { return *db::query_number(store.reader(), sql, {id}); }

    TestStore store{GetParam()};
    IdMaker ids;
};

#define PUNKT_ON_EVERY_STORE(Suite)                                                                \
    INSTANTIATE_TEST_SUITE_P(On, Suite, ::testing::Values(::punkt::testing::StoreBackend::sqlite), \
                             [](const auto&) { return "sqlite"; })

}  // namespace punkt::testing

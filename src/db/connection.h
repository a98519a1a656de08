// A connection to the database: statements with `$1` parameters, transactions, errors as values. Begin here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "db/driver.h"
#include "db/parameter.h"

namespace punkt::db {

struct Location {
    std::string path;      // of the database file
    std::string vfs = {};  // tests: the name of a registered SQLite VFS; empty: the system's
};

/// True when the storage itself failed (a write or an fsync that did not succeed, a damaged file). What this process
/// believes about the disk is then worthless: it must not acknowledge anything any more, and end.
bool is_fatal(const Error& error);

/// Kinds of errors: `conflict` a constraint, `full` no space on the disk, `unavailable` another process holds a lock,
/// `internal` the rest; see is_fatal. Threads: one at a time.
class Connection {
  public:
    /// Opens the database, for writing creates it. Read connections cannot change anything.
    static Result<Connection> open(const Location& location, Access access);
    /// On a driver of one's own.
    explicit Connection(std::unique_ptr<Driver> driver) : driver_(std::move(driver)) {}

    /// Runs a statement; answers how many rows it inserted, changed or deleted. `$1` is the first parameter.
    /// Statements are prepared once and kept, so `sql` should be a constant.
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Parameter> parameters = {}) {
        return driver_->execute(sql, {parameters.begin(), parameters.size()});
    }
    Result<std::int64_t> execute(std::string_view sql, std::span<const Parameter> parameters) {
        return driver_->execute(sql, parameters);
    }

    /// Calls `each(const Row&)` for every row; if it returns a bool, false ends the query.
    template <class F>
    Result<void> query(std::string_view sql, std::span<const Parameter> parameters, F&& each) {
        auto visit = [&each](const Row& row) {
            if constexpr (std::is_void_v<std::invoke_result_t<F&, const Row&>>) {
                each(row);
                return true;
            } else {
                return each(row);
            }
        };
        return driver_->query(sql, parameters, RowVisitor(visit));
    }
    template <class F>
    Result<void> query(std::string_view sql, std::initializer_list<Parameter> parameters, F&& each) {
        return query(sql, std::span(parameters.begin(), parameters.size()), std::forward<F>(each));
    }

    Result<void> script(std::string_view sql) { return driver_->script(sql); }

    /// A transaction that may write. Not nested.
    Result<void> begin() { return driver_->begin(); }
    Result<void> commit() { return driver_->commit(); }
    Result<void> rollback() { return driver_->rollback(); }
    bool in_transaction() const { return driver_->in_transaction(); }

    /// Runs `body() -> Result<void>` in a transaction; rolls back on its error.
    template <class F>
    Result<void> transaction(F&& body) {
        if (auto begun = begin(); !begun) return begun;
        Result<void> done = body();
        if (done) done = commit();
        if (!done && in_transaction()) (void)rollback();
        return done;
    }

    /// Runs `body() -> Result<void>` so that its error undoes it alone, inside a transaction that goes on. When that
    /// cannot be done the whole transaction is rolled back, and in_transaction() says so.
    template <class F>
    Result<void> savepoint(F&& body) {
        Result<std::int64_t> step = execute("SAVEPOINT attempt");
        Result<void> done;
        if (step) {
            done = body();
            if (!in_transaction()) return done;
            if (!done) step = execute("ROLLBACK TO attempt");
        }
        if (step) step = execute("RELEASE attempt");
        if (step) return done;
        (void)rollback();
        return step.error();
    }

    Result<Checkpoint> checkpoint(CheckpointMode mode) { return driver_->checkpoint(mode); }
    std::int64_t log_pages() const { return driver_->log_pages(); }
    Result<void> copy_to(const std::string& path) { return driver_->copy_to(path); }

  private:
    std::unique_ptr<Driver> driver_;
};

/// The only column of the only row as a number; 0 when there is none or it is NULL.
Result<std::int64_t> query_number(Connection& connection, std::string_view sql,
                                  std::initializer_list<Parameter> parameters = {});

}  // namespace punkt::db

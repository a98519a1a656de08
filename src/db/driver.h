// What a database must offer. Implemented by sqlite.cpp; by tests, to fail on purpose. Others use connection.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/parameter.h"

namespace punkt::db {

/// One row of an answer. Columns count from 0. Text is valid until the visitor returns.
class Row {
  public:
    virtual ~Row() = default;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    /// Text or bytes; empty for NULL.
    virtual std::string_view text(int column) const = 0;

    int number(int column) const { return static_cast<int>(integer(column)); }
    bool flag(int column) const { return integer(column) != 0; }
    std::string string(int column) const { return std::string(text(column)); }
    Timestamp timestamp(int column) const { return from_ms(integer(column)); }
    template <class E>
    E as(int column) const {
        return static_cast<E>(integer(column));
    }
    std::optional<std::int64_t> optional_integer(int column) const {
        return is_null(column) ? std::nullopt : std::optional(integer(column));
    }
    std::optional<Timestamp> optional_timestamp(int column) const {
        return is_null(column) ? std::nullopt : std::optional(timestamp(column));
    }
};

/// A reference to a function `bool(const Row&)`; false ends the query. Cheaper than std::function.
class RowVisitor {
  public:
    template <class F>
    explicit RowVisitor(F& function)
        : target_(&function), call_([](void* target, const Row& row) { return (*static_cast<F*>(target))(row); }) {}
    bool operator()(const Row& row) const { return call_(target_, row); }

  private:
    void* target_;
    bool (*call_)(void*, const Row&);
};

enum class Access { write, read };

/// How the write-ahead log is copied into the database file.
///   passive  what can be copied without waiting for anyone
///   restart  everything, and the log begins anew at its start; waits at most 50 ms for those who still read it, then
///            `unavailable` (readers that come meanwhile do not need the log any more)
enum class CheckpointMode { passive, restart };

struct Checkpoint {
    std::int64_t log_pages = 0;     // in the log
    std::int64_t copied_pages = 0;  // of these, already in the database file
};

class Driver {
  public:
    virtual ~Driver() = default;
    /// Rows inserted, changed or deleted.
    virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Parameter> parameters) = 0;
    virtual Result<void> query(std::string_view sql, std::span<const Parameter> parameters, RowVisitor each) = 0;
    /// Several statements without parameters, separated by semicolons.
    virtual Result<void> script(std::string_view sql) = 0;
    virtual Result<void> begin() = 0;
    virtual Result<void> commit() = 0;
    virtual Result<void> rollback() = 0;
    virtual bool in_transaction() const = 0;
    /// Databases that look after their log themselves answer zeros.
    virtual Result<Checkpoint> checkpoint(CheckpointMode mode) = 0;
    /// Pages in the write-ahead log after this connection's last commit.
    virtual std::int64_t log_pages() const = 0;
    /// Copies the database as this connection sees it to a new file. Errors: `conflict` when the file exists.
    virtual Result<void> copy_to(const std::string& path) = 0;
};

}  // namespace punkt::db

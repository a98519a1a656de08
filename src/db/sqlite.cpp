#include "db/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <unordered_map>
#include <vector>

#include "base/check.h"

namespace punkt::db {
namespace {

constexpr int busy_timeout_ms = 5000;
constexpr int restart_timeout_ms = 50;  // the writer stands still meanwhile
constexpr int backup_pages_per_step = 256;
constexpr std::size_t statements_kept_max = 256;

/// For what SQLite answers with. The extended code says which system call failed.
Error to_error(int code, std::string_view message, std::string_view sql) {
    const auto text = [&](std::string_view what) {
        return sql.empty() ? fmt::format("{}: {} (SQLite code {})", what, message, code)
                           : fmt::format("{}: {} (SQLite code {}) in: {}", what, message, code, sql.substr(0, 200));
    };
    switch (code & 0xff) {
        case SQLITE_FULL:
            return {.kind = ErrorKind::full, .message = "the disk is full; nothing was written"};
        case SQLITE_CONSTRAINT:
            return {.kind = ErrorKind::conflict, .message = text("the database refused the row")};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {.kind = ErrorKind::unavailable, .message = text("the database is locked by another process")};
        case SQLITE_NOMEM:
            return {.kind = ErrorKind::unavailable, .message = text("out of memory")};
        case SQLITE_IOERR:
            // The log's index in shared memory could not grow. It is rebuilt from the log and never synced: no promise
            // depends on it, and the usual reason is a full disk.
            if (code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMMAP)
                return {.kind = ErrorKind::full, .message = "the disk is full; nothing was written"};
            if (code == SQLITE_IOERR_NOMEM) return {.kind = ErrorKind::unavailable, .message = text("out of memory")};
            [[fallthrough]];
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
            return {.kind = ErrorKind::internal,
                    .message = text("the storage failed"),
                    .code = std::string(storage_failed)};
        default:
            return {.kind = ErrorKind::internal, .message = text("the database failed")};
    }
}

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// A prepared statement with its text and the place of each `$n`.
struct Statement {
    std::string sql;
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle;
    /// SQLite numbers `$n` by first appearance; place[n - 1] is that number, 0 when `$n` does not appear.
    std::vector<int> place;
    bool busy = false;
};

class SqliteRow final : public Row {
  public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    double real(int column) const override { return sqlite3_column_double(statement_, column); }
    std::string_view text(int column) const override {
        const void* bytes = sqlite3_column_blob(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        return bytes ? std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size))
                     : std::string_view{};
    }

  private:
    sqlite3_stmt* statement_;
};

class SqliteDriver final : public Driver {
  public:
    SqliteDriver(std::unique_ptr<sqlite3, CloseDatabase> database, Access access)
        : database_(std::move(database)), access_(access) {
        sqlite3_wal_hook(database_.get(), remember_log_pages, &log_pages_);  // and so no automatic checkpoint
    }

    Result<std::int64_t> execute(std::string_view sql, std::span<const Parameter> parameters) override;
    Result<void> query(std::string_view sql, std::span<const Parameter> parameters, RowVisitor each) override;
    Result<void> script(std::string_view sql) override;
    Result<void> begin() override { return simple(access_ == Access::write ? "BEGIN IMMEDIATE" : "BEGIN"); }
    Result<void> commit() override { return simple("COMMIT"); }
    Result<void> rollback() override { return simple("ROLLBACK"); }
    bool in_transaction() const override { return sqlite3_get_autocommit(database_.get()) == 0; }
    Result<Checkpoint> checkpoint(CheckpointMode mode) override;
    std::int64_t log_pages() const override { return log_pages_; }
    Result<void> copy_to(const std::string& path) override;

  private:
    /// A statement in use; gives it back, without its parameters.
    class Use {
      public:
        explicit Use(std::shared_ptr<Statement> statement) : statement_(std::move(statement)) {
            statement_->busy = true;
        }
        ~Use() { release(); }
        Use(Use&& other) noexcept = default;
        Use& operator=(Use&&) = delete;
        sqlite3_stmt* handle() const { return statement_->handle.get(); }
        const Statement& operator*() const { return *statement_; }

      private:
        void release() {
            if (!statement_) return;
            sqlite3_reset(handle());
            statement_->busy = false;
        }
        std::shared_ptr<Statement> statement_;
    };

    static int remember_log_pages(void* pages, sqlite3*, const char*, int count) {
        *static_cast<std::int64_t*>(pages) = count;
        return SQLITE_OK;
    }
    Error error(int code, std::string_view sql) const {
        return to_error(code == SQLITE_OK ? SQLITE_ERROR : code, sqlite3_errmsg(database_.get()), sql);
    }
    Error last_error(std::string_view sql) const { return error(sqlite3_extended_errcode(database_.get()), sql); }
    Result<void> simple(std::string_view sql) {
        auto done = execute(sql, {});
        return done ? Result<void>() : Result<void>(done.error());
    }
    Result<std::shared_ptr<Statement>> prepare(std::string_view sql);
    Result<Use> use(std::string_view sql, std::span<const Parameter> parameters);
    int bind(const Statement& statement, std::span<const Parameter> parameters);

    std::unique_ptr<sqlite3, CloseDatabase> database_;
    Access access_;
    std::unordered_map<std::string_view, std::shared_ptr<Statement>> statements_;
    std::int64_t log_pages_ = 0;
};

Result<std::shared_ptr<Statement>> SqliteDriver::prepare(std::string_view sql) {
    auto statement = std::make_shared<Statement>();
    statement->sql = sql;
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(database_.get(), statement->sql.data(), static_cast<int>(statement->sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    statement->handle.reset(handle);
    if (code != SQLITE_OK) return last_error(sql);
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); ++i) {
        const char* name = sqlite3_bind_parameter_name(handle, i);
        std::size_t number = 0;
        if (name && *name == '$') std::from_chars(name + 1, name + std::char_traits<char>::length(name), number);
        check(number > 0, "parameters are spelled $1, $2, …");
        if (statement->place.size() < number) statement->place.resize(number, 0);
        statement->place[number - 1] = i;
    }
    return statement;
}

Result<SqliteDriver::Use> SqliteDriver::use(std::string_view sql, std::span<const Parameter> parameters) {
    std::shared_ptr<Statement> statement;
    if (const auto found = statements_.find(sql); found != statements_.end() && !found->second->busy) {
        statement = found->second;
    } else {
        auto prepared = prepare(sql);
        if (!prepared) return prepared.error();
        statement = std::move(*prepared);
        if (statements_.size() >= statements_kept_max) statements_.clear();
        // A busy one of the same text (a query inside a query) stays kept; this one lives for the one use.
        statements_.emplace(statement->sql, statement);
    }
    Use in_use(statement);
    if (bind(*statement, parameters) != SQLITE_OK) return last_error(sql);
    return in_use;
}

int SqliteDriver::bind(const Statement& statement, std::span<const Parameter> parameters) {
    check(statement.place.size() == parameters.size(), "a statement gets exactly its parameters");
    sqlite3_stmt* handle = statement.handle.get();
    int code = SQLITE_OK;
    for (std::size_t i = 0; i < parameters.size() && code == SQLITE_OK; ++i) {
        const Parameter& value = parameters[i];
        const int at = statement.place[i];
        // STATIC: the caller's text outlives the statement's run, and the next run binds anew.
        const char* text = value.text().data() ? value.text().data() : "";
        const auto size = static_cast<sqlite3_uint64>(value.text().size());
        switch (value.type()) {
            case Parameter::Type::null:
                code = sqlite3_bind_null(handle, at);
                break;
            case Parameter::Type::integer:
                code = sqlite3_bind_int64(handle, at, value.integer());
                break;
            case Parameter::Type::real:
                code = sqlite3_bind_double(handle, at, value.real());
                break;
            case Parameter::Type::text:
                code = sqlite3_bind_text64(handle, at, text, size, SQLITE_STATIC, SQLITE_UTF8);
                break;
            case Parameter::Type::bytes:
                code = sqlite3_bind_blob64(handle, at, text, size, SQLITE_STATIC);
                break;
        }
    }
    return code;
}

Result<std::int64_t> SqliteDriver::execute(std::string_view sql, std::span<const Parameter> parameters) {
    auto statement = use(sql, parameters);
    if (!statement) return statement.error();
    int code = sqlite3_step(statement->handle());
    while (code == SQLITE_ROW) code = sqlite3_step(statement->handle());
    if (code != SQLITE_DONE) return last_error(sql);
    return static_cast<std::int64_t>(sqlite3_changes64(database_.get()));
}

Result<void> SqliteDriver::query(std::string_view sql, std::span<const Parameter> parameters, RowVisitor each) {
    auto statement = use(sql, parameters);
    if (!statement) return statement.error();
    const SqliteRow row(statement->handle());
    while (true) {
        const int code = sqlite3_step(statement->handle());
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) return last_error(sql);
        if (!each(row)) return {};
    }
}

Result<void> SqliteDriver::script(std::string_view sql) {
    const int code = sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return last_error({});
    return {};
}

Result<Checkpoint> SqliteDriver::checkpoint(CheckpointMode mode) {
    int log = 0;
    int copied = 0;
    sqlite3_busy_timeout(database_.get(), mode == CheckpointMode::passive ? 0 : restart_timeout_ms);
    const int code = sqlite3_wal_checkpoint_v2(
        database_.get(), "main",
        mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART, &log, &copied);
    sqlite3_busy_timeout(database_.get(), busy_timeout_ms);
    if (code != SQLITE_OK) return last_error("checkpoint");
    return Checkpoint{.log_pages = log, .copied_pages = copied};
}

Result<void> SqliteDriver::copy_to(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored))
        return Error{.kind = ErrorKind::conflict, .message = fmt::format("{} exists already", path)};
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &handle,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, CloseDatabase> target(handle);
    if (opened != SQLITE_OK) return to_error(opened, sqlite3_errmsg(handle), path);
    sqlite3_backup* copy = sqlite3_backup_init(handle, "main", database_.get(), "main");
    if (!copy) return to_error(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle), path);
    int code = SQLITE_OK;
    while (code == SQLITE_OK) code = sqlite3_backup_step(copy, backup_pages_per_step);
    const int finished = sqlite3_backup_finish(copy);
    if (code != SQLITE_DONE) return to_error(code, sqlite3_errmsg(handle), path);
    if (finished != SQLITE_OK) return to_error(finished, sqlite3_errmsg(handle), path);
    // One file that stands alone, without a write-ahead log beside it.
    const int single = sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (single != SQLITE_OK) return to_error(single, sqlite3_errmsg(handle), path);
    return {};
}

/// The answer of a PRAGMA as text.
Result<std::string> pragma(SqliteDriver& driver, std::string_view sql) {
    std::string answer;
    auto read = [&](const Row& row) {
        answer = row.string(0);
        return true;
    };
    auto done = driver.query(sql, {}, RowVisitor(read));
    if (!done) return done.error();
    return answer;
}

Result<void> set_up_writer(SqliteDriver& driver) {
    // auto_vacuum takes effect on an empty file only: retention gives free pages back with it (store/retention.h).
    auto done = driver.script(
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = "
        "OFF; PRAGMA cache_size = -16384;"
        "PRAGMA journal_size_limit = 134217728;"
        "PRAGMA mmap_size = 0");
    if (!done) return done;
    auto mode = pragma(driver, "PRAGMA journal_mode = WAL");
    if (!mode) return mode.error();
    if (*mode != "wal")
        return Error{.message =
                         fmt::format("the data folder's file system does not allow a write-ahead log (journal mode "
                                     "stayed '{}'): use a local disk",
                                     *mode)};
    auto application = pragma(driver, "PRAGMA application_id");
    if (!application) return application.error();
    if (*application != std::to_string(application_id))
        return driver.script(fmt::format("PRAGMA application_id = {}", application_id));
    return {};
}

}  // namespace

Result<void> check_sqlite_version(int version) {
    constexpr int oldest = 3'051'003;
    if (version >= oldest) return {};
    return Error{.message =
                     fmt::format("SQLite {}.{}.{} can damage the database under load; Punkt needs 3.51.3 or newer",
                                 version / 1'000'000, version / 1000 % 1000, version % 1000)};
}

Result<std::unique_ptr<Driver>> open_sqlite(const Location& location, Access access) {
    if (auto fit = check_sqlite_version(sqlite3_libversion_number()); !fit) return fit.error();
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    const int code =
        sqlite3_open_v2(location.path.c_str(), &handle, flags, location.vfs.empty() ? nullptr : location.vfs.c_str());
    std::unique_ptr<sqlite3, CloseDatabase> database(handle);
    if (code != SQLITE_OK) return to_error(code, handle ? sqlite3_errmsg(handle) : "out of memory", location.path);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    auto driver = std::make_unique<SqliteDriver>(std::move(database), access);
    Result<void> ready;
    if (access == Access::write) {
        ready = set_up_writer(*driver);
    } else {
        // Closing a reader must not touch the files: a refusal to start leaves them byte for byte as they were.
        sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        ready = driver->script("PRAGMA query_only = 1; PRAGMA cache_size = -4096; PRAGMA mmap_size = 0");
    }
    if (!ready) return ready.error();
    return std::unique_ptr<Driver>(std::move(driver));
}

}  // namespace punkt::db

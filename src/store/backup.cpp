#include "store/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/time_text.h"
#include "db/file_lock.h"
#include "db/migrate.h"
#include "db/sqlite.h"
#include "store/data_folder.h"

namespace punkt::store {
namespace {

namespace fs = std::filesystem;

Result<Contents> contents_of(db::Connection& connection) {
    auto schema = db::schema_version(connection);
    if (!schema) return schema.error();
    Contents contents{.schema = *schema};
    const std::pair<const char*, std::int64_t*> tables[] = {
        {"SELECT count(*) FROM organization", &contents.organizations},
        {"SELECT count(*) FROM task", &contents.tasks},
        {"SELECT count(*) FROM timer", &contents.timers},
        {"SELECT count(*) FROM execution", &contents.executions}};
    for (const auto& [sql, count] : tables) {
        auto number = db::query_number(connection, sql);
        if (!number) return number.error();
        *count = *number;
    }
    return contents;
}

/// Opens a file, checks that it is sound and ours, and counts.
Result<Contents> verify(const std::string& file) {
    auto connection = db::Connection::open({.path = file}, db::Access::read);
    if (!connection)
        return Error{.kind = ErrorKind::invalid,
                     .message = fmt::format("{} cannot be read as a database: {}", file, connection.error().message)};
    auto application = db::query_number(*connection, "PRAGMA application_id");
    if (!application || *application != db::application_id)
        return Error{.kind = ErrorKind::invalid, .message = fmt::format("{} is no database of Punkt", file)};
    std::string answer;
    auto checked =
        connection->query("PRAGMA integrity_check(1)", {}, [&](const db::Row& row) { answer = row.string(0); });
    if (!checked) answer = checked.error().message;
    if (answer != "ok")
        return Error{.kind = ErrorKind::invalid, .message = fmt::format("{} is damaged: {}", file, answer)};
    return contents_of(*connection);
}

/// Copies what `source` sees to `file` and checks the copy.
Result<Contents> copy(db::Connection& source, const std::string& file) {
    Contents before;
    auto copied = source.transaction([&]() -> Result<void> {
        auto counted = contents_of(source);  // begins the snapshot
        if (!counted) return counted.error();
        before = *counted;
        return source.copy_to(file);
    });
    if (!copied) return copied.error();
    ::chmod(file.c_str(), 0600);  // it holds secrets
    auto after = verify(file);
    if (!after) return after;
    if (!(*after == before))
        return Error{.message = fmt::format("the copy {} does not hold what was copied: use another disk", file)};
    return after;
}

void sync_folder(const std::string& folder) {
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
}

Result<void> move(const std::string& from, const std::string& to) {
    std::error_code failed;
    fs::rename(from, to, failed);
    if (failed) return Error{.message = fmt::format("{} cannot be moved to {}: {}", from, to, failed.message())};
    return {};
}

/// Keeps what is there: a second name for the database, so that the first always exists; its log moves along.
Result<void> keep_aside(const std::string& folder, Timestamp now) {
    const std::string database = DataFolder::database_path(folder);
    if (!fs::exists(database)) return {};
    {
        // The last one to close copies the log into the file. A damaged one keeps its log, and is moved with it.
        auto connection = db::Connection::open({.path = database}, db::Access::write);
    }
    const std::string aside = fmt::format("{}/before-restore-{}", folder, to_text_ms(now));
    std::error_code failed;
    fs::create_directory(aside, failed);
    if (!failed) fs::create_hard_link(database, aside + "/punkt.db", failed);
    if (failed) return Error{.message = fmt::format("the old data cannot be kept in {}: {}", aside, failed.message())};
    sync_folder(aside);
    // A log left beside another database would be read into it.
    if (fs::exists(database + "-wal"))
        if (auto moved = move(database + "-wal", aside + "/punkt.db-wal"); !moved) return moved;
    fs::remove(database + "-shm", failed);
    return {};
}

}  // namespace

Result<Contents> back_up(const db::Location& database, const std::string& file) {
    std::error_code ignored;
    if (fs::exists(file, ignored))
        return Error{.kind = ErrorKind::conflict,
                     .message = fmt::format("{} exists already: choose another name", file)};
    auto source = db::Connection::open(database, db::Access::read);
    if (!source) return source.error();
    const std::string partial = file + ".partial";
    fs::remove(partial, ignored);
    auto copied = copy(*source, partial);
    if (!copied) {
        fs::remove(partial, ignored);
        return copied;
    }
    if (auto named = move(partial, file); !named) return named.error();
    sync_folder(fs::path(file).parent_path());
    return copied;
}

Result<Contents> restore(const std::string& file, const std::string& folder, Timestamp now) {
    std::error_code failed;
    if (!fs::is_regular_file(file, failed))
        return Error{.kind = ErrorKind::not_found, .message = fmt::format("there is no file {}", file)};
    const bool created = fs::create_directories(folder, failed);
    if (failed) return Error{.message = fmt::format("the data folder {} cannot be made: {}", folder, failed.message())};
    if (created) ::chmod(folder.c_str(), 0700);
    auto lock = db::FileLock::take(DataFolder::lock_path(folder));
    if (!lock) return lock.error();
    auto sound = verify(file);
    if (!sound) return sound;
    if (auto fit = db::refuse_newer(sound->schema); !fit) return fit.error();

    const std::string fresh = DataFolder::database_path(folder) + ".restoring";
    fs::remove(fresh, failed);
    auto source = db::Connection::open({.path = file}, db::Access::read);
    if (!source) return source.error();
    auto copied = copy(*source, fresh);
    if (copied)
        if (auto kept = keep_aside(folder, now); !kept) copied = kept.error();
    if (!copied) {
        fs::remove(fresh, failed);
        return copied;
    }
    if (auto moved = move(fresh, DataFolder::database_path(folder)); !moved) return moved.error();
    // What was out belongs to the data before.
    for (const char* left : {"/flight.bin", "/starts.bin"}) fs::remove(folder + left, failed);
    sync_folder(folder);
    return copied;
}

}  // namespace punkt::store

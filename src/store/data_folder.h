// The folder that holds everything: the database, its log, the flight recorder, the reserve for a full disk.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "db/connection.h"
#include "db/file_lock.h"

namespace punkt::store {

/// Open for as long as this lives; no other process can open it meanwhile (readers of the database file can).
class DataFolder {
  public:
    /// Creates what is missing and brings the schema up to date. Errors, as sentences for the person who started it:
    /// `conflict` when another process has it open, or a newer Punkt wrote it (nothing is changed then).
    /// `vfs`: see db::Location.
    static Result<DataFolder> open(const std::string& path, Timestamp now, const std::string& vfs = {});

    /// The writer's connection, once.
    db::Connection take_writing() { return std::move(writing_); }
    /// A second writing one, for the checkpointer.
    Result<db::Connection> checkpointing() const { return db::Connection::open(location_, db::Access::write); }
    Result<db::Connection> reading() const { return db::Connection::open(location_, db::Access::read); }

    const db::Location& database() const { return location_; }
    std::string flight_recorder_path() const { return path_ + "/flight.bin"; }
    std::string start_log_path() const { return path_ + "/starts.bin"; }
    std::string reserve_path() const { return path_ + "/reserve.bin"; }

    /// The installation's key of public ids, made at the first start.
    const PublicIds::Key& public_id_key() const { return public_id_key_; }
    /// The floor of the IdMaker.
    Id greatest_id() const { return greatest_id_; }

    static std::string database_path(const std::string& folder) { return folder + "/punkt.db"; }
    static std::string lock_path(const std::string& folder) { return folder + "/lock"; }

  private:
    DataFolder(std::string path, db::FileLock lock, db::Location location, db::Connection writing)
        : path_(std::move(path)),
          lock_(std::move(lock)),
          location_(std::move(location)),
          writing_(std::move(writing)) {}

    std::string path_;
    db::FileLock lock_;
    db::Location location_;
    db::Connection writing_;
    PublicIds::Key public_id_key_{};
    Id greatest_id_ = 0;
};

/// The greatest id that tasks, executions, pending executions and organizations have.
Result<Id> greatest_id(db::Connection& connection);

}  // namespace punkt::store

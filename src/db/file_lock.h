// Keeps two processes from opening the same data.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace punkt::db {

/// An advisory lock on a file, held until destroyed or until the process ends, however it ends.
class FileLock {
  public:
    /// Creates `path` and writes this process's id into it. Errors: `conflict` with a sentence that names the other
    /// process; `internal` when the file cannot be created.
    static Result<FileLock> take(const std::string& path);

    FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~FileLock();

  private:
    explicit FileLock(int file) : file_(file) {}
    int file_ = -1;
};

}  // namespace punkt::db

#include "db/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace punkt::db {

Result<FileLock> FileLock::take(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return Error{.message = fmt::format("{} cannot be opened: {}", path, std::strerror(errno))};
    FileLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 24> holder{};
        const auto size = ::pread(file, holder.data(), holder.size() - 1, 0);
        const std::string who = size > 0 ? fmt::format("process {}", holder.data()) : "another process";
        return Error{.kind = ErrorKind::conflict,
                     .message = fmt::format("this data is in use by {} ({}): stop it first, or use another data folder",
                                            who, path)};
    }
    // The number is for people; a full disk is no reason not to start.
    const std::string own = std::to_string(::getpid());
    if (::ftruncate(file, 0) == 0 && ::pwrite(file, own.data(), own.size(), 0) < 0) return lock;
    return lock;
}

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace punkt::db
